"""A message in another format: who chooses how it is read, and what becomes of all that it says."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings
from streamproc.collect.stage import SILENT, Collector, CollectWatch
from streamproc.events.adapters import ADAPTERS, Adapted, Headers, adapter, adapter_header
from streamproc.events.adapters.native import parse
from streamproc.events.address import NO_ADDRESSES
from streamproc.events.ignored import Ignored, Why
from streamproc.events.log import decode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import InputRecord, OutputRecord, PartitionContext
from streamproc.runtime.state.keyed import NoStates
from streamproc.settings.load import load
from tests.builders import NOON_MS, raw

ROOT = Path(__file__).parents[2]
CLICKS = "shop.clickstream.v1"
LISTED = RawTopic(CLICKS, frozenset({"clickstream"}), "listed")
NATIVE = RawTopic(CLICKS, frozenset({"clickstream"}))


@pytest.fixture(autouse=True)
def _listed() -> Iterator[None]:
    """An adapter that is defined here and nowhere else: a list of events in a message."""

    @adapter("listed")
    def listed(value: bytes | None, headers: Headers, families: frozenset[str]) -> Sequence[Adapted]:
        return [parse(orjson.dumps(each)) for each in orjson.loads(value or b"[]")]

    yield
    del ADAPTERS["listed"]


def context() -> PartitionContext[Any]:
    return PartitionContext(CLICKS, 0, "id", NoStates(), {CLICKS: 1, LOG_TOPIC: 1})


def collected(topic: RawTopic, value: bytes, *headers: tuple[str, bytes]) -> list[OutputRecord]:
    collector = Collector(CollectSettings(topics=(CLICKS,)), {CLICKS: topic}, NO_ADDRESSES, SILENT, context())
    return collector.process([InputRecord(CLICKS, 0, 7, NOON_MS, None, value, headers)])


def listed(*messages: bytes) -> bytes:
    return b"[" + b",".join(messages) + b"]"


class Counting(CollectWatch):
    def __init__(self) -> None:
        self.said: list[Ignored] = []

    def ignored(self, topic: str, ignored: Ignored) -> None:
        self.said.append(ignored)


def test_what_is_no_event_of_ours_is_counted_and_neither_logged_nor_a_dead_letter() -> None:
    watch = Counting()
    topic = RawTopic(CLICKS, frozenset({"clickstream"}), "segment")
    collector = Collector(CollectSettings(topics=(CLICKS,)), {CLICKS: topic}, NO_ADDRESSES, watch, context())
    value = b'{"type": "track", "event": "Banner Closed", "userId": "ada"}'
    assert collector.process([InputRecord(CLICKS, 0, 7, NOON_MS, None, value, ())]) == []
    assert watch.said == [Ignored(Why.OTHER_EVENT)]


def logged(emitted: Sequence[OutputRecord]) -> list[tuple[str, int]]:
    """Event ids of what is in the log, and the number that each event has in its message."""
    records = [decode_record(each.value or b"") for each in emitted if each.topic == LOG_TOPIC]
    return [(getattr(each.event, "event_id", ""), each.src.index if each.src else -1) for each in records]


def letters(emitted: Sequence[OutputRecord]) -> list[tuple[str, str]]:
    """Reasons and details of the dead letters."""
    dead = [dict(each.headers) for each in emitted if each.topic != LOG_TOPIC]
    return [(each["dlq-reason"].decode(), each["dlq-detail"].decode()) for each in dead]


def test_an_adapter_that_a_topic_s_file_names_reads_its_messages(tmp_path: Path) -> None:
    topics = Path(shutil.copytree(ROOT / "topics", tmp_path / "topics"))
    file = topics / f"{CLICKS}.toml"
    file.write_text('adapter = "listed"\n' + file.read_text())
    topic = load(ROOT / "config", topics).raw_topics[CLICKS]
    assert topic == LISTED
    assert logged(collected(topic, listed(raw(event_id="a"), raw(event_id="b")))) == [("a", 0), ("b", 1)]


def test_a_record_says_in_a_header_that_it_is_of_another_format_than_its_topic_s_others() -> None:
    assert logged(collected(NATIVE, listed(raw(event_id="a")), adapter_header("listed"))) == [("a", 0)]
    assert logged(collected(LISTED, raw(event_id="a"), adapter_header("native"))) == [("a", 0)]


def test_an_adapter_that_there_is_not_is_a_dead_letter_that_says_which_there_are() -> None:
    emitted = collected(NATIVE, raw(), adapter_header("lsted"))
    assert letters(emitted) == [("unknown_adapter", f"did you mean 'listed'? There are: {', '.join(sorted(ADAPTERS))}")]
    assert logged(emitted) == []


def test_what_is_wrong_in_a_message_is_one_letter_and_all_else_counts() -> None:
    message = listed(raw(event_id="a"), raw(event_id=""), raw(event_id="c"), b"7")
    emitted = collected(LISTED, message)
    assert logged(emitted) == [("a", 0), ("c", 1)]
    [(reason, detail)] = letters(emitted)
    assert (reason, detail.split(":")[0]) == ("wrong_value", "2 of 4")
    assert [each.value for each in emitted if each.topic != LOG_TOPIC] == [message]


def test_what_a_topic_may_not_carry_it_may_not_carry_in_any_format() -> None:
    order = raw(type="order_cancelled", order_id="o1", currency="GBP")
    assert letters(collected(LISTED, listed(order)))[0][0] == "wrong_topic"


def test_a_message_that_says_nothing_about_anybody_leaves_nothing() -> None:
    assert collected(LISTED, b"[]") == []
