"""Every metric of streamproc, and the only file that names one. Labels come from closed lists, never an id."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client

_AGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400)
_TIME_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics of one worker."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = r = registry or CollectorRegistry()
        self.events = Counter(
            "streamproc_events", "Records processed, by what became of them", ("stage", "topic", "result"), registry=r
        )
        self.event_age = Histogram(
            "streamproc_event_age_seconds",
            "From Kafka taking the raw message to decide processing it",
            ("stage",),
            buckets=_AGE_BUCKETS,
            registry=r,
        )
        self.processing = Counter(
            "streamproc_processing_seconds", "Time spent in processing records", ("stage", "topic"), registry=r
        )
        self.checkpoint = Histogram(
            "streamproc_checkpoint_seconds",
            "Time that a transaction took",
            ("stage",),
            buckets=_TIME_BUCKETS,
            registry=r,
        )
        self.lag = Gauge(
            "streamproc_lag_records",
            "Records that are there and not processed",
            ("stage", "topic", "partition"),
            registry=r,
        )
        self.watermark = Gauge(
            "streamproc_watermark_timestamp_seconds",
            "How far event time is complete",
            ("stage", "partition"),
            registry=r,
        )
        self.triggers = Counter(
            "streamproc_triggers",
            "Triggers by result: emitted, or the reason of the refusal",
            ("trigger", "result"),
            registry=r,
        )
        self.offers = Counter("streamproc_offers", "Offers chosen", ("channel",), registry=r)
        self.dead_letters = Counter(
            "streamproc_dead_letters", "Messages that can never be processed", ("topic", "reason"), registry=r
        )
        self.model_log_loss = Gauge(
            "streamproc_model_log_loss", "Log loss of scores given before the answer", ("model",), registry=r
        )
        self.model_roc_auc = Gauge(
            "streamproc_model_roc_auc", "ROC AUC of scores given before the answer", ("model",), registry=r
        )
        self.model_examples = Gauge(
            "streamproc_model_examples", "Answered questions learned from", ("model",), registry=r
        )
        self.model_release = Gauge(
            "streamproc_model_release_info", "The version that counts", ("stage", "model", "version"), registry=r
        )
        self.model_rejected = Counter(
            "streamproc_model_rejected", "Released versions that could not be loaded", ("model",), registry=r
        )
        self.kpi = Gauge("streamproc_kpi_value", "Value of a KPI over everything so far", ("kpi",), registry=r)
        self.kpi_target = Gauge("streamproc_kpi_target_value", "Target of a KPI", ("kpi",), registry=r)
        self.heartbeat = Gauge(
            "streamproc_heartbeat_timestamp_seconds", "When the worker last said it lives", ("stage",), registry=r
        )
        self.partitions = Gauge(
            "streamproc_partitions", "Source partitions of this worker", ("stage", "result"), registry=r
        )
        self.recovery = Counter(
            "streamproc_recovered_records", "Changelog records read at take-over", ("stage", "topic"), registry=r
        )
