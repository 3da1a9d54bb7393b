"""The Kafka of a test session: one broker of our own, or the one that STREAMPROC_TEST_BOOTSTRAP names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka

SESSION_MS = 2_000
"""A test that kills the broker gets it back after three seconds instead of eleven."""


class Kafka(Protocol):
    """What tests need of a broker."""

    @property
    def bootstrap(self) -> str: ...

    @property
    def pid(self) -> int: ...

    def kill(self) -> None: ...

    def restart(self) -> str: ...


@dataclass(frozen=True)
class ForeignKafka:
    """A broker that somebody else runs: tests that kill or freeze it are skipped."""

    bootstrap: str

    @property
    def pid(self) -> int:
        pytest.skip("the broker of STREAMPROC_TEST_BOOTSTRAP is not ours to freeze")

    def kill(self) -> None:
        pytest.skip("the broker of STREAMPROC_TEST_BOOTSTRAP is not ours to kill")

    def restart(self) -> str:
        pytest.skip("the broker of STREAMPROC_TEST_BOOTSTRAP is not ours to restart")


@contextmanager
def kafka_for_tests(*, kept: Path | None = None, session_ms: int = SESSION_MS) -> Iterator[Kafka]:
    """On free ports and in a directory that goes away, or is `kept`; it ends with this process, however that ends."""
    foreign = os.environ.get("STREAMPROC_TEST_BOOTSTRAP")
    if foreign:
        yield ForeignKafka(foreign)
        return
    with (
        nullcontext(kept) if kept else TemporaryDirectory(prefix="streamproc-kafka-") as directory,
        EmbeddedKafka(BrokerSettings(Path(directory), session_ms=session_ms)) as kafka,
    ):
        yield kafka
