"""A processor whose owner goes, again and again, wherever it may be left; only what was committed is known then."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from streamproc.processor.api import OutputRecord, PartitionContext, Record, Source
from tests.memory_states import MemoryStates

stays = st.lists(st.integers(1, 40), max_size=30)
"""For how many places where one may leave each owner stays; the last one stays to the end."""


class Done(NamedTuple):
    """What was emitted, in order, and the states at the end."""

    emitted: list[OutputRecord]
    states: dict[bytes, bytes]


def uninterrupted(source: Source, records: Sequence[Record], partitions: Mapping[str, int]) -> Done:
    """By one owner."""
    return interrupted(source, records, partitions, [])


def interrupted(
    source: Source,
    records: Sequence[Record],
    partitions: Mapping[str, int],
    staying: Sequence[int],
    before: Mapping[bytes, bytes] | None = None,
) -> Done:
    """By owners of which each finds what the one before has committed, and reads on from the committed offset.

    The first one finds the states that there were `before`.
    """
    stored = dict(before or {})
    emitted: list[OutputRecord] = []
    offset = records[0].offset
    for patience in [*staying, None]:
        run = [record for record in records if record.offset >= offset]
        if not run:
            break
        owner = _Owner(source, run[0], partitions, stored)
        offset = owner.work(run, patience)
        emitted += owner.emitted
    assert source.codec is not None
    encode, decode = source.codec.encode, source.codec.decode
    # A state that somebody has recovered may have other bytes for the same content (River's models do).
    return Done(emitted, {key: encode(decode(raw)) for key, raw in stored.items()})


class _Owner:
    def __init__(
        self, source: Source, first: Record, partitions: Mapping[str, int], stored: dict[bytes, bytes]
    ) -> None:
        assert source.codec is not None
        self._states: MemoryStates[Any] = MemoryStates(source.codec, stored)
        self._processor = source.make(PartitionContext(first.topic, first.partition, "id", self._states, partitions))
        deque(self._processor.open(), 0)
        self.emitted: list[OutputRecord] = []

    def work(self, run: Sequence[Record], patience: int | None) -> int:
        """Work for so many places where one may leave, commit, and go; returns the committed offset."""
        offset, places = run[-1].offset + 1, 0
        for step in self._processor.process(run):
            if isinstance(step, OutputRecord):
                self.emitted.append(step)
                continue
            places += 1
            if places == patience:
                offset = step.offset
                break
        self._states.checkpoint()
        return offset
