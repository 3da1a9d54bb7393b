"""What a worker tells about itself, as metrics and for its health pages."""

import time
from collections.abc import Sequence

from streamproc.metrics import Metrics
from streamproc.runtime.telemetry.health import Health
from streamproc.runtime.telemetry.observer import Observer, Where


class MetricsObserver(Observer):
    """Connects the runtime's observations of one stage with its metrics and its health."""

    def __init__(self, stage: str, metrics: Metrics, health: Health | None = None) -> None:
        self._stage = stage
        self._metrics = metrics
        self._health = health or Health()
        metrics.group.kafka.labels(stage).set(0)
        metrics.group.rebalances.labels(stage)
        for result in ("committed", "dropped"):  # so that the first one is an increase, not a new series
            metrics.group.transactions.labels(stage, result)

    def processed(self, stage: str, topic: str, seconds: float) -> None:
        """Records were worked on; how many of which result, the stage counts itself."""
        self._metrics.work.processing.labels(stage, topic).inc(seconds)

    def waited(self, stage: str, where: Where, seconds: float) -> None:
        """A record waited."""
        self._metrics.work.wait.labels(stage, where).observe(seconds)

    def checkpointed(self, stage: str, topic: str, partition: int, seconds: float, records: int) -> None:  # noqa: ARG002
        """A transaction was committed."""
        self._metrics.work.checkpoint.labels(stage).observe(seconds)
        self._metrics.group.transactions.labels(stage, "committed").inc()

    def recovered(self, topic: str, partition: int, records: int, seconds: float) -> None:  # noqa: ARG002
        """A partition was taken over."""
        self._metrics.work.recovery.labels(self._stage, topic).inc(records)

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """So many records wait, the oldest so long."""
        self._metrics.work.lag.labels(self._stage, topic, str(partition)).set(records)
        self._metrics.work.lag_seconds.labels(self._stage, topic, str(partition)).set(seconds)

    def rebalanced(self) -> None:
        """Partitions were given out anew."""
        self._metrics.group.rebalances.labels(self._stage).inc()

    def gave_back(self, topic: str, partition: int) -> None:
        """What was last said of the partition would stand for ever, while others go on with it."""
        self._metrics.work.lag.remove(self._stage, topic, str(partition))
        self._metrics.work.lag_seconds.remove(self._stage, topic, str(partition))
        self._metrics.event_time.watermark.remove(self._stage, str(partition))
        self._metrics.event_time.filling.remove(self._stage, str(partition))

    def dropped(self) -> None:
        """A transaction was broken off."""
        self._metrics.group.transactions.labels(self._stage, "dropped").inc()

    def answered(self, source_partitions: int) -> None:
        """Kafka is there."""
        self._metrics.group.kafka.labels(self._stage).set(time.time())
        self._metrics.group.source_partitions.labels(self._stage).set(source_partitions)

    def disk(self, free_bytes: int, least_bytes: int) -> None:
        """So much room is left."""
        self._metrics.process.disk_free.labels(self._stage).set(free_bytes)
        self._metrics.process.disk_least.labels(self._stage).set(least_bytes)

    def heartbeat(self) -> None:
        """The worker lives."""
        self._health.heartbeat()
        self._metrics.process.heartbeat.labels(self._stage).set(time.time())

    def ready(self, owned: int, ready: int) -> None:
        """So many partitions are owned, so many are at work."""
        self._health.ready(owned, ready)
        self._metrics.work.partitions.labels(self._stage, "owned").set(owned)
        self._metrics.work.partitions.labels(self._stage, "ready").set(ready)

    def kafka_away(self, seconds: float) -> None:
        """Kafka does not answer, or does again; `answered` says when it last did."""
        self._health.kafka_away(seconds)

    def unowned(self, partitions: Sequence[str] | None) -> None:
        """What nobody has; while that is not known, the last number stands."""
        self._health.unowned(partitions)
        if partitions is not None:
            self._metrics.group.unowned.labels(self._stage).set(len(partitions))
