"""Topics as code: `topics/*.toml` as one catalogue, with the names and numbers that a cluster is to have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from streamproc.config_error import ConfigError, Problem
from streamproc.events.adapters import NATIVE
from streamproc.events.topics import TRIGGER_PLACE, dead_letter_topic, trigger_topic
from streamproc.settings.read import read_toml
from streamproc.settings.topic_file import Configs, TopicDefaults, TopicFile

DEFAULTS_FILE = "defaults.toml"

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")
"""Kafka's own rule."""


@dataclass(frozen=True, slots=True)
class Replication:
    """How many copies a record has, and how many must have taken it before it counts as written."""

    factor: int = 1
    min_insync: int = 1


ONE_COPY = Replication()
"""What a single broker can give; a real cluster has (3, 2)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it is to be.

    Attributes:
        name: without the cluster's prefix.
        file: where it is described.
        keyed: a key's place matters.
        partitions_of: the topic that it is co-partitioned with.
        configs: Kafka's settings, complete, as Kafka writes them.
        dead_letters: the topic that takes what can never be processed.
        families: the families of events that a raw topic may carry; empty for others.
        adapter: how the messages of a raw topic are read.
        schema: what is in a topic that is not raw; None if the bytes are its producer's own business.
    """

    name: str
    file: str
    purpose: str
    key: str
    partitions: int
    keyed: bool
    cleanup: Literal["delete", "compact"]
    replication_factor: int
    configs: Mapping[str, str]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions_of: str | None = None
    dead_letters: str | None = None
    families: frozenset[str] = frozenset()
    adapter: str = NATIVE
    schema: str | None = None
    example: str | None = None

    @property
    def repartitionable(self) -> bool:
        """Whether partitions may be added: nothing depends on which record is in which."""
        return not self.keyed and self.partitions_of is None


@dataclass(frozen=True)
class TopicCatalogue:
    """All topics by their name without prefix; `templates` are those that are repeated for each trigger."""

    topics: Mapping[str, Topic]
    templates: tuple[Topic, ...] = ()
    prefix: str = ""

    def __getitem__(self, name: str) -> Topic:
        return self.topics[name]

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.topics.values())

    def on_cluster(self, name: str) -> str:
        """The name of a topic in this cluster."""
        return self.prefix + name


def load_topics(
    folder: Path,
    *,
    triggers: Sequence[str] = (),
    prefix: str = "",
    replication: Replication = ONE_COPY,
) -> TopicCatalogue:
    """Read the folder's topic files.

    Raises:
        ConfigError: what is wrong in any of them, all at once.
    """
    problems: list[Problem] = []
    defaults = read_toml(folder / DEFAULTS_FILE, TopicDefaults, problems)
    paths = sorted(path for path in folder.glob("*.toml") if path.name != DEFAULTS_FILE)
    read = {path: read_toml(path, TopicFile, problems) for path in paths}
    files = {path: file for path, file in read.items() if file is not None}
    problems += _misnamed(files)
    unreadable = {path.stem for path, file in read.items() if file is None}
    partitions, unresolved = _resolve_partitions(files, unreadable)
    problems += unresolved
    if defaults is None or problems:
        raise ConfigError(problems)
    reading = _Reading(defaults, replication, partitions)
    topics = [topic for path, file in files.items() for topic in reading.topics_of(path, file)]
    templates = tuple(topic for topic in topics if TRIGGER_PLACE in topic.name)
    expanded = [each for topic in topics for each in _expand(topic, triggers)]
    if problems := _unusable(expanded, prefix):
        raise ConfigError(problems)
    return TopicCatalogue({topic.name: topic for topic in expanded}, templates, prefix)


@dataclass(frozen=True)
class _Reading:
    """Turns a file into its topics: its own and the one of its dead letters."""

    defaults: TopicDefaults
    replication: Replication
    partitions: Mapping[str, int]

    def topics_of(self, path: Path, file: TopicFile) -> Iterator[Topic]:
        topic = Topic(
            name=file.name,
            file=str(path),
            purpose=file.purpose,
            key=file.key,
            partitions=self.partitions[file.name],
            keyed=file.keyed,
            cleanup=file.cleanup,
            replication_factor=self.replication.factor,
            configs=self._configs(file.cleanup, file.configs),
            producers=tuple(file.producers),
            consumers=tuple(file.consumers),
            partitions_of=file.partitions_of,
            dead_letters=dead_letter_topic(file.name) if file.dead_letters else None,
            families=frozenset(file.families),
            adapter=file.adapter,
            schema=file.message,
            example=file.example,
        )
        yield topic
        if topic.dead_letters:
            yield self._dead_letters_of(topic, topic.dead_letters)

    def _dead_letters_of(self, topic: Topic, name: str) -> Topic:
        return replace(
            topic,
            name=name,
            purpose=f"Messages of {topic.name} that can never be processed, as they came, with the reason.",
            key="the message's own, untouched",
            partitions=1,
            keyed=False,
            partitions_of=None,
            cleanup="delete",
            configs=self._configs("delete", self.defaults.dead_letters),
            producers=topic.consumers,
            consumers=("streamproc dlq",),
            dead_letters=None,
            families=frozenset(),
            adapter=NATIVE,
            schema=None,
            example=None,
        )

    def _configs(self, cleanup: Literal["delete", "compact"], own: Configs) -> dict[str, str]:
        by_cleanup = self.defaults.delete if cleanup == "delete" else self.defaults.compact
        said_elsewhere = {"cleanup.policy": cleanup, "min.insync.replicas": str(self.replication.min_insync)}
        return said_elsewhere | self.defaults.every | by_cleanup | own


def _misnamed(files: Mapping[Path, TopicFile]) -> Iterator[Problem]:
    """One file per topic, so that a name is found, and cannot be given twice."""
    for path, file in files.items():
        expected = file.name.replace(f"{TRIGGER_PLACE}.", "")
        if path.stem != expected:
            yield Problem(str(path), "name", f"{file.name} belongs into {expected}.toml")


def _resolve_partitions(files: Mapping[Path, TopicFile], unreadable: set[str]) -> tuple[dict[str, int], list[Problem]]:
    """Follow `partitions_of` to a number; a file that could not be read has been reported already."""
    by_name = {file.name: file for file in files.values()}
    partitions: dict[str, int] = {}
    problems: list[Problem] = []
    for path, file in files.items():
        trail = [file.name]
        while (leader := by_name[trail[-1]].partitions_of) in by_name and leader not in trail:
            trail.append(leader)
        last = by_name[trail[-1]]
        if last.partitions is not None:
            partitions[file.name] = last.partitions
        elif leader in trail:
            problems.append(Problem(str(path), "partitions_of", " -> ".join([*trail, leader]) + " has no end"))
        elif leader not in unreadable:
            problems.append(Problem(str(path), "partitions_of", f"there is no topic {leader}"))
    return partitions, problems


def _expand(topic: Topic, triggers: Sequence[str]) -> list[Topic]:
    if TRIGGER_PLACE not in topic.name:
        return [topic]
    return [replace(topic, name=trigger_topic(trigger, topic.name)) for trigger in triggers]


def _unusable(topics: Sequence[Topic], prefix: str) -> list[Problem]:
    """Two triggers with one topic, and names that Kafka does not take."""
    problems = []
    seen: set[str] = set()
    for topic in topics:
        name = prefix + topic.name
        if name in seen:
            problems.append(Problem(topic.file, "name", f"{name} is there twice"))
        if not _LEGAL_NAME.fullmatch(name):
            problems.append(Problem(topic.file, "name", f"Kafka takes no topic name like {name}"))
        seen.add(name)
    return problems
