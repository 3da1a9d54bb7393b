"""Where emitted records go."""

import pytest
from aiokafka import TopicPartition

from streamproc.processor.api import OutputRecord
from streamproc.runtime.worker.pending import PendingOutputs


def outputs() -> PendingOutputs:
    return PendingOutputs(2, {"offers": 4, "training": 1}, "t.")


def test_a_record_without_a_partition_goes_to_the_sources_own() -> None:
    pending = outputs()
    pending.add(OutputRecord("offers", b"k", b"v", headers=(("h", b"1"),)))
    pending.add(OutputRecord("training", b"k", b"w", 0))
    assert pending.take() == {
        TopicPartition("t.offers", 2): [(b"k", b"v", (("h", b"1"),))],
        TopicPartition("t.training", 0): [(b"k", b"w", ())],
    }


def test_records_keep_their_order_however_their_partition_was_given() -> None:
    pending = outputs()
    for number in range(6):
        pending.add(OutputRecord("offers", b"k", b"%d" % number, 2 if number % 2 else None))
    rows = pending.take()[TopicPartition("t.offers", 2)]
    assert [value for _, value, _ in rows] == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_what_was_taken_is_not_there_any_more() -> None:
    pending = outputs()
    pending.add(OutputRecord("offers", b"key", b"value"))
    assert (pending.count, pending.bytes) == (1, 8)
    pending.take()
    assert (pending.count, pending.bytes, pending.take()) == (0, 0, {})


@pytest.mark.parametrize("number", [4, -1])
def test_a_partition_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="offers has 4 partitions"):
        outputs().add(OutputRecord("offers", b"k", b"v", number))


def test_a_topic_that_the_stage_does_not_write_is_refused() -> None:
    with pytest.raises(ValueError, match="not an output of this stage"):
        outputs().add(OutputRecord("shop.clickstream.v1", b"k", b"v"))
