"""What came under one key and concerns another one: a record for that key in the log, with where it is from."""

from collections.abc import Iterator, Sequence

from streamproc.decide.identity import Forward
from streamproc.decide.states import State
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import Origin, encode_record
from streamproc.events.topics import LOG_TOPIC
from streamproc.processor.api import OutputRecord, PartitionContext, Record
from streamproc.processor.partitioner import partition_of


def passed_on(
    forwards: Sequence[Forward], record: Record, context: PartitionContext[State], watch: DecideWatch
) -> Iterator[OutputRecord]:
    """Records for other keys of the log; each says which record of the log it comes from."""
    partitions = context.partitions[LOG_TOPIC]
    for number, forward in enumerate(forwards):
        src = Origin(LOG_TOPIC, record.partition, record.offset, context.topic_id, number, forward.via, forward.raw)
        value = encode_record(forward.event, forward.at_ms, forward.received_ms, src, is_backfill=forward.is_backfill)
        key = forward.key.encode()
        watch.passed_on(forward)
        yield OutputRecord(LOG_TOPIC, key, value, partition_of(key, partitions))
