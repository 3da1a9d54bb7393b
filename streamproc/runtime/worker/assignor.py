"""Who of a group gets which partition: each gets an owner, whatever the leader's client has heard of so far.

Against partitions that belong to nobody: aiokafka's assignor gives away what its client's metadata hold, and right
after a broker's restart they may hold nothing, or a part.
"""

from collections.abc import Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata


class WholeTopicsAssignor(RoundRobinPartitionAssignor):  # type: ignore[misc]  # aiokafka is untyped here
    """Round robin over all partitions of the topics that the worker has looked at when it started.

    Args:
        counts: how many partitions each topic has, by name on the cluster; a worker ends when they change.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """By member, its partitions; of topics that only another release reads, those that the client knows."""
        assigned: dict[str, ConsumerProtocolMemberAssignment] = super().assign(_Known(self._counts, cluster), members)
        return assigned


class _Known(ClusterMetadata):  # type: ignore[misc]  # aiokafka is untyped here
    """What is known of partitions: by the worker, else by its client."""

    def __init__(self, counts: Mapping[str, int], heard: ClusterMetadata) -> None:
        super().__init__()
        self._counts = counts
        self._heard = heard

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return set(range(self._counts[topic])) if topic in self._counts else self._heard.partitions_for_topic(topic)
