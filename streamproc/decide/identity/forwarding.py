"""What came under one key and concerns another one: a record for that key in the log, with where it is from."""

from collections.abc import Iterator, Sequence

from streamproc.decide.identity.who import Forward
from streamproc.decide.states import State
from streamproc.decide.watch import DecideWatch
from streamproc.events.catalogue import ProductChanged
from streamproc.events.log import LogEntry, Origin, encode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import OutputRecord, PartitionContext, Record
from streamproc.processor.partitioner import partition_of


def passed_on(
    forwards: Sequence[Forward], record: Record, context: PartitionContext[State], watch: DecideWatch
) -> Iterator[OutputRecord]:
    """Records for other keys of the log; each says which record of the log it comes from."""
    for number, forward in enumerate(forwards):
        watch.passed_on(forward)
        key = forward.key.encode()
        value = _value(forward, number, record, context)
        yield OutputRecord(LOG_TOPIC, key, value, partition_of(key, context.partitions[LOG_TOPIC]))


def spread(
    entry: LogEntry, record: Record, context: PartitionContext[State], watch: DecideWatch
) -> Iterator[OutputRecord]:
    """What is told of a product, for all other partitions of the log: customers everywhere may have seen it."""
    event, received_ms = entry.event, entry.at_ms if entry.received_ms is None else entry.received_ms
    if not isinstance(event, ProductChanged):
        raise TypeError("only a product is known in every partition")
    forward = Forward(entry.key, event, entry.at_ms, received_ms, (entry.key,), entry.is_backfill, entry.raw)
    for number in range(context.partitions[LOG_TOPIC]):
        if number != record.partition:
            watch.passed_on(forward)
            yield OutputRecord(LOG_TOPIC, entry.key.encode(), _value(forward, number, record, context), number)


def _value(forward: Forward, number: int, record: Record, context: PartitionContext[State]) -> bytes:
    src = Origin(LOG_TOPIC, record.partition, record.offset, context.topic_id, number, forward.via, forward.raw)
    return encode_record(forward.event, forward.at_ms, forward.received_ms, src, is_backfill=forward.is_backfill)
