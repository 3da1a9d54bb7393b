"""What a local copy is good for: the tail of its changelog is read, or all of it anew."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from streamproc.runtime.refusal import ChangelogCutError
from streamproc.runtime.state import recovery
from streamproc.runtime.state.recovery import ChangelogBounds, recover
from streamproc.runtime.state.store import CopyPosition, InMemoryStore

PLACE, TOPIC_ID, STALE_SECONDS = TopicPartition("state", 0), "c0ffee", 3600.0
COMPACTED = {5: (b"a", b"5"), 8: (b"b", b"8")}
"""A changelog that ends at 10; that `gone` was removed, the cleaner has forgotten."""


class Changelog:
    """Stands for a consumer of the compacted changelog."""

    def __init__(self, **_: Any) -> None:
        self._at = 0

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assign(self, places: Any) -> None: ...

    def seek(self, _: TopicPartition, offset: int) -> None:
        self._at = offset

    async def getmany(self, *_: Any, **__: Any) -> dict[TopicPartition, list[Any]]:
        found = [SimpleNamespace(key=key, value=value) for at, (key, value) in COMPACTED.items() if at >= self._at]
        self._at = 10
        return {PLACE: found}

    async def position(self, _: TopicPartition) -> int:
        return self._at


@pytest.fixture(autouse=True)
def _compacted_changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "CarefulConsumer", Changelog)


def recovered(offset: int, *, age_seconds: float = 0.0, topic_id: str = TOPIC_ID, begin: int = 0) -> dict[bytes, bytes]:
    """What a copy that ends at an offset and holds `gone` has in the end."""
    store = InMemoryStore()
    store.write([(b"gone", b"1")], CopyPosition(topic_id, offset, time.time() - age_seconds))
    asyncio.run(recover(store, ChangelogBounds(PLACE, TOPIC_ID, begin, 10), {}, STALE_SECONDS))
    position = store.position()
    assert position is not None
    assert (position.topic_id, position.offset) == (TOPIC_ID, 10)
    return dict(store.items())


def test_a_young_copy_gets_what_it_lacks() -> None:
    assert recovered(6, age_seconds=STALE_SECONDS - 60) == {b"gone": b"1", b"b": b"8"}


def test_a_copy_that_is_older_than_the_cleaner_keeps_removals_is_made_anew() -> None:
    assert recovered(6, age_seconds=STALE_SECONDS + 60) == {b"a": b"5", b"b": b"8"}


def test_an_old_copy_that_lacks_nothing_stays() -> None:
    assert recovered(10, age_seconds=STALE_SECONDS + 60) == {b"gone": b"1"}


def test_a_copy_of_another_log_or_with_a_hole_is_made_anew() -> None:
    assert recovered(6, topic_id="beef") == {b"a": b"5", b"b": b"8"}
    assert recovered(6, begin=7) == {b"b": b"8"}


def test_a_log_that_ends_before_its_copy_is_refused() -> None:
    with pytest.raises(ChangelogCutError, match="state-0 ends at 10, but 11 was committed to it"):
        recovered(11)
