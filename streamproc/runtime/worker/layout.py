"""A stage's topics as they are in this cluster: ids, partition counts, changelogs.

Against counts that do not match and topics that were made anew: Faust would skip events or take new ones for old ones,
without a line. Looked at before work starts, and every few seconds after.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from streamproc.processor.api import Source, Stage
from streamproc.runtime.client.rights import Right, looking_rights_of, rights_of
from streamproc.runtime.client.topic_ids import TopicIdentity, describe
from streamproc.runtime.exits import Exit, fatal
from streamproc.runtime.refusal import Refusal
from streamproc.runtime.topics.limits import read_limits
from streamproc.runtime.worker_settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Changelog:
    """A changelog topic by its name on the cluster."""

    name: str
    topic_id: str


@dataclass(frozen=True, slots=True)
class SourceTopic:
    """A topic that a stage reads; `name` without the cluster's prefix."""

    name: str
    on_cluster: str
    topic_id: str
    source: Source
    changelog: Changelog | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The topics of a stage.

    Attributes:
        group: consumer group, and what transactional ids begin with.
        prefix: what names on the cluster begin with.
        sources: the topics read, by their name on the cluster.
        partitions: the partition counts of all topics of the stage, by their name without prefix.
        outputs: those that the stage may write.
        identities: what the cluster said, by name on the cluster.
        record_limits: the largest record that each topic takes which the stage writes, by name on the cluster; see
            `to_write`.
        rights: what the stage needs to be permitted.
    """

    group: str
    prefix: str
    sources: Mapping[str, SourceTopic]
    partitions: Mapping[str, int]
    outputs: Mapping[str, int]
    identities: Mapping[str, TopicIdentity]
    record_limits: Mapping[str, int] = field(default_factory=dict)
    rights: Sequence[Right] = ()

    def transactional_id(self, topic: str, partition: int) -> str:
        """What the owner of a source partition fences all older ones with; the topic without prefix."""
        return f"{self.group}-{topic}-{partition}"


def topics_of(stage: Stage) -> tuple[str, ...]:
    """All topics of a stage, without prefix, each once."""
    return tuple(dict.fromkeys([*_read_by(stage), *_written_by(stage)]))


def needed_rights(stage: Stage, settings: WorkerSettings) -> tuple[Right, ...]:
    """What Kafka must permit the workers of a stage."""
    return rights_of(stage, settings.prefix, settings.group(stage.name))


def looking_rights(stage: Stage, settings: WorkerSettings) -> tuple[Right, ...]:
    """What Kafka must permit whoever looks at a stage and changes nothing."""
    return looking_rights_of(stage, settings.prefix, settings.group(stage.name))


async def read_layout(stage: Stage, settings: WorkerSettings) -> Layout:
    """Look at the stage's topics; end the process if they are not as they must be."""
    names = topics_of(stage)
    found = await describe(settings.client, [settings.prefix + name for name in names])
    problems: list[object] = list(await settings.check(names)) if settings.check else []
    problems = problems or list(_mismatches(stage, settings.prefix, found))
    if problems:
        fatal(Exit.TOPICS, stage.name, "; ".join(map(str, problems)))
    sources = [
        _source_topic(source, name, settings.prefix, found) for source in stage.sources for name in source.topics
    ]
    partitions = {name: found[settings.prefix + name].partitions for name in names}
    return Layout(
        group=settings.group(stage.name),
        prefix=settings.prefix,
        sources={topic.on_cluster: topic for topic in sources},
        partitions=partitions,
        outputs={name: partitions[name] for name in stage.outputs},
        identities=found,
        rights=needed_rights(stage, settings),
    )


async def to_write(layout: Layout, client: Mapping[str, Any]) -> Layout:
    """The same layout for somebody who writes: with the largest record that each topic takes."""
    changelogs = [source.changelog.name for source in layout.sources.values() if source.changelog]
    written = [*changelogs, *(layout.prefix + name for name in layout.outputs)]
    return replace(layout, record_limits=await read_limits(client, written))


async def change_since(layout: Layout, stage: str, settings: WorkerSettings) -> Refusal | None:
    """Why the layout does not hold any more, if so."""
    now = await describe(settings.client, layout.identities)
    for name, was in layout.identities.items():
        if name not in now:
            return Refusal(Exit.TOPICS, f"{name} is gone")
        if now[name].topic_id != was.topic_id:
            source = layout.sources.get(name)
            keeps_state = source is not None and source.changelog is not None
            remedy = Exit.RECREATED.remedy_for(stage, source.name) if source and keeps_state else "start it again"
            return Refusal(Exit.RECREATED, f"{name} had the id {was.topic_id}, now {now[name].topic_id}", remedy)
        if now[name].partitions != was.partitions:
            return Refusal(Exit.TOPICS, f"{name} had {was.partitions} partitions, now {now[name].partitions}")
    return None


def _read_by(stage: Stage) -> Iterator[str]:
    return (name for source in stage.sources for name in source.topics)


def _written_by(stage: Stage) -> list[str]:
    return [*(source.changelog for source in stage.sources if source.changelog), *stage.outputs]


def _mismatches(stage: Stage, prefix: str, found: Mapping[str, TopicIdentity]) -> Iterator[str]:
    for name in topics_of(stage):
        if prefix + name not in found:
            yield f"{prefix}{name} does not exist"
    for source in stage.sources:
        if source.changelog is not None:
            yield from _unequal([*source.topics, source.changelog], prefix, found)


def _unequal(names: Iterable[str], prefix: str, found: Mapping[str, TopicIdentity]) -> Iterator[str]:
    counts = {prefix + name: found[prefix + name].partitions for name in names if prefix + name in found}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} has {count}" for name, count in counts.items())
        yield f"partition counts must be equal: {said}"


def _source_topic(source: Source, name: str, prefix: str, found: Mapping[str, TopicIdentity]) -> SourceTopic:
    changelog = None
    if source.changelog is not None:
        changelog = Changelog(prefix + source.changelog, found[prefix + source.changelog].topic_id)
    return SourceTopic(name, prefix + name, found[prefix + name].topic_id, source, changelog)
