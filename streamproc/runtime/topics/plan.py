"""What would have to happen for a cluster to have the topics of the catalogue. Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from streamproc.settings.topics import Topic, TopicCatalogue


@dataclass(frozen=True, slots=True)
class ExistingTopic:
    """A topic as a cluster has it; `configs` are the settings in force, inherited ones included."""

    partitions: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """What is wrong with a topic of the cluster, and what mends it."""

    name: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """One line, as a log or a terminal shows it."""
        return f"{self.name} {self.message}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Creation:
    """A topic that is to be made."""

    name: str
    topic: Topic


@dataclass(frozen=True, slots=True)
class Addition:
    """A topic that gets more partitions."""

    name: str
    now: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Change:
    """A topic whose settings change: for each setting what it is now (None: Kafka does not know it) and will be."""

    name: str
    configs: Mapping[str, tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """The difference; names are the cluster's. Nothing is ever deleted, and what is not in the catalogue is left alone.

    Attributes:
        refused: what cannot be had without moving keys to other partitions; while there is any, nothing is applied.
    """

    creations: tuple[Creation, ...] = ()
    additions: tuple[Addition, ...] = ()
    changes: tuple[Change, ...] = ()
    refused: tuple[TopicProblem, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Creation | Addition | Change, ...]:
        """What `apply` would do, in its order."""
        return (*self.creations, *self.additions, *self.changes)


def compare(catalogue: TopicCatalogue, existing: Mapping[str, ExistingTopic]) -> TopicPlan:
    """The plan that turns `existing` (by name on the cluster) into the catalogue."""
    there = {
        catalogue.on_cluster(topic.name): (topic, existing[catalogue.on_cluster(topic.name)])
        for topic in catalogue
        if catalogue.on_cluster(topic.name) in existing
    }
    refused = tuple(
        problem for name, (topic, now) in there.items() if (problem := repartitioned(name, topic, now.partitions))
    )
    additions = tuple(
        Addition(name, now.partitions, topic.partitions)
        for name, (topic, now) in there.items()
        if topic.repartitionable and now.partitions < topic.partitions
    )
    changes = tuple(
        Change(name, configs) for name, (topic, now) in there.items() if (configs := _changed_configs(topic, now))
    )
    touched = (
        {problem.name for problem in refused} | {step.name for step in additions} | {step.name for step in changes}
    )
    return TopicPlan(
        creations=tuple(
            Creation(name, topic) for topic in catalogue if (name := catalogue.on_cluster(topic.name)) not in there
        ),
        additions=additions,
        changes=changes,
        refused=refused,
        unchanged=tuple(name for name in there if name not in touched),
    )


def repartitioned(name: str, topic: Topic, partitions: int) -> TopicProblem | None:
    """What is wrong if a topic has this many partitions; one without order may have more than its file says."""
    if topic.repartitionable or partitions == topic.partitions:
        return None
    remedy = (
        f"make a new topic version, or set `partitions = {partitions}` in {topic.file}"
        if topic.partitions_of is None
        else f"it must have as many as {topic.partitions_of}: look at that one first; if it is right, delete this one "
        "by hand, then `streamproc topics apply`"
    )
    return TopicProblem(name, f"has {partitions} partitions where {topic.file} wants {topic.partitions}", remedy)


def _changed_configs(topic: Topic, now: ExistingTopic) -> dict[str, tuple[str | None, str]]:
    return {
        config: (now.configs.get(config), wanted)
        for config, wanted in topic.configs.items()
        if now.configs.get(config) != wanted
    }
