"""A source partition as the group gave it to this worker: another object each time, also if it is the same again."""

from dataclasses import dataclass
from functools import cached_property

from aiokafka import TopicPartition

from streamproc.runtime.worker.layout import SourceTopic


@dataclass(frozen=True, eq=False)
class AssignedPartition:
    """Which partition it is, and how it stands to others.

    Attributes:
        topic: the source topic.
        number: of the partition.
        rank: the topic's place in the order of the stage's topics. What has a lower rank commits first, so that of what
            came at the same time, a consent stands before the order in the customer log.
    """

    topic: SourceTopic
    number: int
    rank: int = 0

    @cached_property
    def source(self) -> TopicPartition:
        """Its name on the cluster."""
        return TopicPartition(self.topic.on_cluster, self.number)

    def __str__(self) -> str:
        return f"{self.source.topic}-{self.source.partition}"
