"""Batches are bounded, complete and in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from streamproc.processor.api import Record
from streamproc.runtime.worker.batch import split_batches
from streamproc.runtime.worker_settings import Limits


@dataclass
class Read:
    value: bytes | None
    topic: str = "events"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(1, 60))
def test_runs_hold_all_records_in_order_and_keep_their_bounds(sizes: list[int], records: int, size: int) -> None:
    limits = replace(Limits(), batch_records=records, batch_bytes=size)
    read: list[Record] = [Read(b"x" * length) for length in sizes]
    batches = list(split_batches(read, limits))
    assert [record for piece, _ in batches for record in piece] == read
    for piece, weight in batches:
        assert 1 <= len(piece) <= records
        assert weight == sum(len(record.value or b"") for record in piece)
        assert weight - len(piece[-1].value or b"") < size  # only the last record may go over
