"""What a worker tells about itself; metrics are connected here, and the runtime knows none."""

from collections.abc import Sequence
from typing import Literal

Where = Literal["fetch", "queue", "round"]
"""Where a record waits: until this worker has it, since Kafka took it; then until it is worked on; then until the
transaction begins in which it is committed.
"""


class Observer:
    """Is told what happens in a worker; does nothing. Topics are without the cluster's prefix; calls must be quick."""

    def processed(self, stage: str, topic: str, seconds: float) -> None:
        """The stage worked for `seconds`, without giving way to anything else."""

    def waited(self, stage: str, where: Where, seconds: float) -> None:
        """The oldest record of a batch, or of a transaction, waited so long."""

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        """A transaction with `records` changed states and outputs was committed in `seconds`."""

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """A partition was taken over, with `records` read from its changelog."""

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """So many offsets are there and not processed, the oldest since so long; about once a second."""

    def rebalanced(self) -> None:
        """The group has given its partitions out anew."""

    def gave_back(self, topic: str, partition: int) -> None:
        """A partition is not this worker's any more."""

    def dropped(self) -> None:
        """A transaction was broken off: nothing of it counts."""

    def answered(self, source_partitions: int) -> None:
        """Kafka answered; the stage has so many source partitions, whoever owns them. About every ten seconds."""

    def disk(self, free_bytes: int, least_bytes: int) -> None:
        """So much room is left on the disk of the local copies, and so much there must be."""

    def heartbeat(self) -> None:
        """The worker's event loop runs; about once a second."""

    def ready(self, owned: int, ready: int) -> None:
        """So many partitions are this worker's, and so many of them are recovered and at work."""

    def kafka_away(self, seconds: float) -> None:
        """Kafka has not answered for so long; 0 if it does."""

    def unowned(self, partitions: Sequence[str] | None) -> None:
        """These source partitions nobody in the group has; None: that is not known now."""


class Silent(Observer):
    """Tells nobody."""
