"""Doing the steps of a repair: one transaction per partition, written as its owner.

Against a repair that is half done, or done beside a worker that has just started: states and offset move together or
not at all, and whoever begins later fences the other.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from math import inf

from aiokafka import TopicPartition

from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.repair.situation import Situation, StageSituation, look_at, members_of
from streamproc.runtime.repair.steps import States, Step
from streamproc.runtime.state.source_position import POSITION_KEY, SourcePosition
from streamproc.runtime.state.store import RESERVED, Change
from streamproc.runtime.worker.guard import PauseGuard
from streamproc.runtime.worker.layout import Layout, to_write
from streamproc.runtime.worker.transaction import Row, TransactionalWriter
from streamproc.runtime.worker_settings import WorkerSettings


class WorkersAliveError(Exception):
    """Workers of the stage are running: they would go on with what they have in memory."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(
            f"{len(members)} worker(s) of this stage are in the group: {', '.join(members)}; stop them first"
        )


class SituationChangedError(Exception):
    """Somebody worked on the partition since the plan was made."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"{topic}-{partition} is not as it was when the plan was made; look again")


async def perform(steps: Sequence[Step], found: StageSituation, settings: WorkerSettings) -> None:
    """Do the steps, in order; each one wholly or not at all.

    Raises:
        WorkersAliveError: a worker of the stage is running; nothing is done from there on.
        SituationChangedError: one has been, since the plan was made; likewise.
    """
    layout = await to_write(found.layout, settings.client)
    for step in steps:
        if members := await members_of(settings.client, found.layout.group):
            raise WorkersAliveError(members)
        await _perform(step, layout, settings)


async def _perform(step: Step, layout: Layout, settings: WorkerSettings) -> None:
    situation = step.situation
    writer = TransactionalWriter(
        settings.client,
        layout.transactional_id(situation.topic.name, situation.partition),
        settings.limits.producer_batch_bytes,
        layout.record_limits,
        PauseGuard(inf),
    )
    try:
        await writer.fence()  # From here on nobody else can change anything.
        now = await look_at(situation.topic, situation.partition, layout.group, settings.client)
        if not now.is_as(situation):
            raise SituationChangedError(situation.topic.on_cluster, situation.partition)
        records: dict[TopicPartition, list[Row]] = {}
        if situation.changelog is not None:
            changes = [change async for change in _changes(step, situation, settings)]
            records[situation.changelog] = [(key, value, ()) for key, value in changes]
        source = TopicPartition(situation.topic.on_cluster, situation.partition)
        await writer.commit(records, {source: step.to}, layout.group)
    finally:
        await writer.stop()


async def _changes(step: Step, situation: Situation, settings: WorkerSettings) -> AsyncIterator[Change]:
    """What is written into the changelog: the states that change, then the mark of where they stand now."""
    raw = {} if step.states is States.KEPT else await read_states(situation, settings)
    if step.states is States.DROPPED:
        for key in sorted(raw):
            yield key, None
    if step.states is States.DETACHED:
        for change in _detached(situation, raw):
            yield change
    codec = situation.topic.source.codec
    if step.rewrite is not None and codec is not None:
        for key, state in step.rewrite(raw):
            yield key, codec.encode(state)
    yield POSITION_KEY, SourcePosition(situation.topic.topic_id, step.to).encode()


async def read_states(situation: Situation, settings: WorkerSettings) -> dict[bytes, bytes]:
    """The encoded states of a partition, as its changelog has them."""
    raw: dict[bytes, bytes] = {}
    if (changelog := situation.changelog) is None:
        return raw
    async for record in read_to_end(settings.client, changelog.topic, [changelog.partition]):
        if record.key is None or record.key.startswith(RESERVED):
            continue
        if record.value is None:
            raw.pop(record.key, None)
        else:
            raw[record.key] = record.value
    return raw


def _detached(situation: Situation, raw: Mapping[bytes, bytes]) -> Iterator[Change]:
    source = situation.topic.source
    if source.detach is None or source.codec is None:
        return
    for key, value in raw.items():
        now, state = source.detach(key, source.codec.decode(value))
        if now != key:
            yield key, None
        yield now, source.codec.encode(state)
