"""What a worker tells about itself; metrics are connected here, and the runtime knows none."""

from typing import Protocol


class Observer(Protocol):
    """Is told what happens in a worker. Topics are without the cluster's prefix; calls must be quick."""

    def processed(self, stage: str, topic: str, seconds: float) -> None:
        """The stage worked for `seconds`, without giving way to anything else."""

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        """A transaction with `records` changed states and outputs was committed in `seconds`."""

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """A partition was taken over, with `records` read from its changelog."""

    def lag(self, topic: str, partition: int, records: int) -> None:
        """So many offsets are there and not processed; about once a second."""

    def heartbeat(self) -> None:
        """The worker's event loop runs; about once a second."""

    def ready(self, owned: int, ready: int) -> None:
        """So many partitions are this worker's, and so many of them are recovered and at work."""


class Silent:
    """Tells nobody."""

    def processed(self, stage: str, topic: str, seconds: float) -> None:
        """Nobody listens."""

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:
        """Nobody listens."""

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """Nobody listens."""

    def lag(self, topic: str, partition: int, records: int) -> None:
        """Nobody listens."""

    def heartbeat(self) -> None:
        """Nobody listens."""

    def ready(self, owned: int, ready: int) -> None:
        """Nobody listens."""
