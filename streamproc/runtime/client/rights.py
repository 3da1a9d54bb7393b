"""The rights (ACLs) that a stage needs in Kafka. Pure: they follow from what the stage reads and writes.

A right to read or write a resource holds the right to describe it, so that one is only named where it is all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self

from streamproc.processor.api import Stage


class Operation(IntEnum):
    """What may be done, by Kafka's own number."""

    shown: str

    def __new__(cls, value: int, shown: str) -> Self:  # noqa: D102
        member = int.__new__(cls, value)
        member._value_ = value
        member.shown = shown
        return member

    READ = 3, "Read"
    WRITE = 4, "Write"
    CREATE = 5, "Create"
    ALTER = 7, "Alter"
    DESCRIBE = 8, "Describe"
    DESCRIBE_CONFIGS = 10, "DescribeConfigs"
    ALTER_CONFIGS = 11, "AlterConfigs"


class Resource(StrEnum):
    """On what, as `kafka-acls` names it."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"


@dataclass(frozen=True, slots=True)
class Right:
    """An operation on a resource, by its name on the cluster; `prefixed`: on all whose names begin so."""

    operation: Operation
    resource: Resource
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        """As a line says it: `Write on topic shop.customer-events.v1`."""
        return f"{self.operation.shown} on {self.resource} {self.name}{'*' if self.prefixed else ''}"


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights that one command of `kafka-acls` gives: the same operations on several resources of a kind."""

    operations: tuple[Operation, ...]
    resource: Resource
    names: tuple[str, ...]
    prefixed: bool

    def command(self, bootstrap: str, principal: str) -> str:
        """The command that gives them."""
        words = [f"kafka-acls.sh --bootstrap-server {bootstrap} --add --allow-principal {principal}"]
        words += [f"--operation {operation.shown}" for operation in self.operations]
        words += ["--resource-pattern-type prefixed"] if self.prefixed else []
        words += [f"--{self.resource} {name}" for name in self.names]
        return " ".join(words)


def rights_of(stage: Stage, prefix: str, group: str) -> tuple[Right, ...]:
    """All rights that the workers of a stage need, and no more.

    Args:
        stage: what it reads and writes.
        prefix: what topic names on the cluster begin with.
        group: its consumer group, which its transactional ids begin with.
    """
    changelogs = [source.changelog for source in stage.sources if source.changelog]
    read = [*(topic for source in stage.sources for topic in source.topics), *changelogs]
    written = [*changelogs, *stage.outputs]
    rights = [
        *topic_rights(Operation.READ, (prefix + name for name in read)),
        *topic_rights(Operation.WRITE, (prefix + name for name in written)),
        *topic_rights(Operation.DESCRIBE_CONFIGS, (prefix + name for name in written)),
        Right(Operation.READ, Resource.GROUP, group),
        Right(Operation.WRITE, Resource.TRANSACTIONAL_ID, f"{group}-", prefixed=True),
    ]
    return tuple(dict.fromkeys(rights))


def looking_rights_of(stage: Stage, prefix: str, group: str) -> tuple[Right, ...]:
    """What it takes to see how things are with a stage: its logs' bounds, offsets, states and workers; nothing more.

    Args:
        stage: what it reads and writes.
        prefix: what topic names on the cluster begin with.
        group: its consumer group.
    """
    changelogs = [source.changelog for source in stage.sources if source.changelog]
    seen = [*(topic for source in stage.sources for topic in source.topics), *stage.outputs]
    return (
        *topic_rights(Operation.READ, (prefix + name for name in changelogs)),
        *topic_rights(Operation.DESCRIBE, (prefix + name for name in dict.fromkeys(seen) if name not in changelogs)),
        Right(Operation.DESCRIBE, Resource.GROUP, group),
    )


def topic_rights(operation: Operation, names: Iterable[str]) -> list[Right]:
    """One operation on topics, by their names on the cluster."""
    return [Right(operation, Resource.TOPIC, name) for name in names]


def grants(rights: Iterable[Right]) -> Iterator[Grant]:
    """The same rights in as few commands as possible."""
    operations: dict[tuple[Resource, str, bool], list[Operation]] = {}
    for right in rights:
        operations.setdefault((right.resource, right.name, right.prefixed), []).append(right.operation)
    names: dict[tuple[tuple[Operation, ...], Resource, bool], list[str]] = {}
    for (resource, name, prefixed), allowed in operations.items():
        names.setdefault((tuple(allowed), resource, prefixed), []).append(name)
    for (allowed_, resource, prefixed), named in names.items():
        yield Grant(allowed_, resource, tuple(named), prefixed)
