"""Who of a group gets which partition: each gets an owner, who keeps it for as long as the others have no fewer.

Against partitions that belong to nobody: aiokafka's assignors give away what their client's metadata hold, and right
after a broker's restart they may hold nothing, or a part. And against states that are recovered elsewhere whenever
somebody joins or leaves: a member tells the leader of the group what it has (ADR 16).
"""

from collections.abc import Callable, Iterable, Mapping

import orjson
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from pydantic import BaseModel, ValidationError

from streamproc.runtime.worker.sticky import Member, Partition, share_out

VERSION = 0
"""Of Kafka's embedded consumer protocol."""


class Held(BaseModel):
    """What a member tells the leader: by topic the partitions that it was given last, in which generation.

    One that was given none yet tells of which it has local copies; its generation is before all others.
    """

    generation: int = -1
    partitions: dict[str, list[int]] = {}


class StickyAssignor(AbstractPartitionAssignor):  # type: ignore[misc]  # aiokafka is untyped here
    """Shares out all partitions of the topics that the worker has looked at when it started (`sticky.py`).

    Its name is what all members of a group must have in common, also with those of an earlier release, who say nothing
    of what they have, and may lead.

    Args:
        counts: how many partitions each topic has, by name on the cluster; a worker ends when they change.
        generation: of the group, as of now.
        copies: of which partitions the worker has local copies as it starts, by topic.
    """

    name = "roundrobin"

    def __init__(
        self,
        counts: Mapping[str, int],
        generation: Callable[[], int],
        copies: Mapping[str, list[int]] | None = None,
    ) -> None:
        self._counts = counts
        self._generation = generation
        self._held = Held(partitions=dict(copies or {}))

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """What the leader is told."""
        return ConsumerProtocolMemberMetadata(VERSION, list(topics), orjson.dumps(self._held.model_dump()))

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Remember what was given."""
        self._held = Held(generation=self._generation(), partitions=dict(assignment.assignment))

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """By member, its partitions; of topics that only another release reads, those that the client knows."""
        said = {name: _member(metadata) for name, metadata in members.items()}
        topics = {topic for member in said.values() for topic in member.topics}
        partitions = [(topic, number) for topic in topics for number in self._numbers(topic, cluster)]
        return {name: _assignment(share) for name, share in share_out(partitions, said).items()}

    def _numbers(self, topic: str, cluster: ClusterMetadata) -> Iterable[int]:
        return range(self._counts[topic]) if topic in self._counts else cluster.partitions_for_topic(topic) or ()


def _member(metadata: ConsumerProtocolMemberMetadata) -> Member:
    """What it says of itself; one that says nothing that can be read holds nothing."""
    topics = frozenset(metadata.subscription)
    try:
        held = Held.model_validate_json(metadata.user_data or b"{}")
    except ValidationError:
        return Member(topics)
    owned = ((topic, number) for topic, numbers in held.partitions.items() for number in numbers)
    return Member(topics, frozenset(owned), held.generation)


def _assignment(share: set[Partition]) -> ConsumerProtocolMemberAssignment:
    topics = sorted({topic for topic, _ in share})
    by_topic = [(topic, sorted(number for each, number in share if each == topic)) for topic in topics]
    return ConsumerProtocolMemberAssignment(VERSION, by_topic, b"")
