"""What a worker tells about itself, as metrics and for its health pages."""

import time

from streamproc.metrics import Metrics
from streamproc.runtime.health import Health


class MetricsObserver:
    """Connects the runtime's observations of one stage with its metrics and its health."""

    def __init__(self, stage: str, metrics: Metrics, health: Health | None = None) -> None:
        self._stage = stage
        self._metrics = metrics
        self._health = health or Health()

    def processed(self, stage: str, topic: str, seconds: float) -> None:
        """Records were worked on; how many of which result, the stage counts itself."""
        self._metrics.processing.labels(stage, topic).inc(seconds)

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:  # noqa: ARG002
        """A transaction was committed."""
        self._metrics.checkpoint.labels(stage).observe(seconds)

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:  # noqa: ARG002
        """A partition was taken over."""
        self._metrics.recovery.labels(self._stage, topic).inc(records)

    def lag(self, topic: str, partition: int, records: int) -> None:
        """So many records wait."""
        self._metrics.lag.labels(self._stage, topic, str(partition)).set(records)

    def heartbeat(self) -> None:
        """The worker lives."""
        self._health.heartbeat()
        self._metrics.heartbeat.labels(self._stage).set(time.time())

    def ready(self, owned: int, ready: int) -> None:
        """So many partitions are owned, so many are at work."""
        self._health.ready(owned, ready)
        self._metrics.partitions.labels(self._stage, "owned").set(owned)
        self._metrics.partitions.labels(self._stage, "ready").set(ready)
