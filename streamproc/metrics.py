"""Every metric of streamproc, and the only file that names one. Labels come from closed lists, never an id."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client

MENDED_FIELDS = "streamproc_mended_fields"
"""Of interest to a command, too, which asks a worker for it."""

_AGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400)
_WAIT_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 1, 2.5, 5, 10, 60, 600)
_TIME_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


MODEL_HEALTH = {
    "scored": ("streamproc_model_scored_examples", "Answered questions that had a score"),
    "calibration_error": (
        "streamproc_model_calibration_error_ratio",
        "Mean distance of scores from the share of positive answers among their like",
    ),
    "top_decile_lift": (
        "streamproc_model_top_decile_lift_ratio",
        "Share of positive answers among the tenth with the highest scores, by that of all",
    ),
    "positive_rate": ("streamproc_model_positive_ratio", "Share of positive answers"),
    "score_spread": ("streamproc_model_score_spread", "Standard deviation of the last 500 scores"),
    "drifts": ("streamproc_model_drifts", "How often the log loss has risen since learning began"),
    "psi": (
        "streamproc_model_psi",
        "Largest population stability index of a feature, last 1,000 examples beside the version that scored them",
    ),
    "recent_log_loss": ("streamproc_model_recent_log_loss", "Log loss of the last 500 scores that were answered"),
    "recent_base_log_loss": (
        "streamproc_model_recent_base_log_loss",
        "Log loss of saying the same to everybody, of the same answers",
    ),
    "recent_error_ratio": (
        "streamproc_model_recent_error_ratio",
        "Error of the last 500 predicted numbers, by that of saying the same to everybody",
    ),
}
"""Gauges of what learn knows of a model's health, by the metric's name on a version's card."""


class Metrics:
    """The metrics of one worker."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.work = WorkMetrics(self.registry)
        self.event_time = EventTimeMetrics(self.registry)
        self.decisions = DecisionMetrics(self.registry)
        self.models = ModelMetrics(self.registry)
        self.kpis = KpiMetrics(self.registry)
        self.process = ProcessMetrics(self.registry)
        self.group = GroupMetrics(self.registry)


class WorkMetrics:
    """What a worker does with the records of its partitions."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.events = Counter(
            "streamproc_events", "Records processed, by what became of them", ("stage", "topic", "result"), registry=r
        )
        self.dead_letters = Counter(
            "streamproc_dead_letters", "Messages that can never be processed", ("topic", "reason"), registry=r
        )
        self.mended_fields = Counter(
            MENDED_FIELDS,
            "Fields of events that could not be read as they were, and were set right or left out",
            ("topic", "type", "field"),
            registry=r,
        )
        self.ignored = Counter(
            "streamproc_ignored",
            "What messages told that is no event of ours, and no fault",
            ("topic", "reason"),
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
        self.wait = Histogram(
            "streamproc_wait_seconds",
            "How long the oldest record of a batch waited: to be fetched, in the queue, for a round of transactions",
            ("stage", "where"),
            buckets=_WAIT_BUCKETS,
            registry=r,
        )
        self.partitions = Gauge(
            "streamproc_partitions", "Source partitions of this worker", ("stage", "result"), registry=r
        )
        self.recovery = Counter(
            "streamproc_recovered_records", "Changelog records read at take-over", ("stage", "topic"), registry=r
        )
        self.lag = Gauge(
            "streamproc_lag_records",
            "Records that are there and not processed",
            ("stage", "topic", "partition"),
            registry=r,
        )
        self.lag_seconds = Gauge(
            "streamproc_lag_seconds",
            "How long ago Kafka took the oldest record that is not processed",
            ("stage", "topic", "partition"),
            registry=r,
        )


class EventTimeMetrics:
    """How far event time is complete, and what moves it."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.idle = Gauge(
            "streamproc_watermark_idle_info", "What moves event time: wall_clock, or hold", ("result",), registry=r
        )
        self.watermark = Gauge(
            "streamproc_watermark_timestamp_seconds",
            "How far event time is complete",
            ("stage", "partition"),
            registry=r,
        )
        self.filling = Gauge(
            "streamproc_customers_not_grouped",
            "Customers who have not been looked at by the tags and segments that are new",
            ("stage", "partition"),
            registry=r,
        )


class DecisionMetrics:
    """What is decided, and how soon."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.after = Histogram(
            "streamproc_decided_seconds",
            "From Kafka taking a raw message until what was decided on it is committed; those of the last day only",
            ("stage",),
            buckets=_AGE_BUCKETS,
            registry=r,
        )
        self.triggers = Counter(
            "streamproc_triggers",
            "Triggers by result: emitted, or the reason of the refusal",
            ("trigger", "result"),
            registry=r,
        )
        self.journeys = Counter(
            "streamproc_journeys",
            "Journeys by result: started, or why one ended or was refused",
            ("journey", "result"),
            registry=r,
        )
        self.offers = Counter("streamproc_offers", "Offers chosen", ("channel",), registry=r)
        self.products_given_up = Counter(
            "streamproc_products_given_up",
            "Products that customers have seen and that are not watched for them any more, for want of room",
            ("stage",),
            registry=r,
        )


class ModelMetrics:
    """How good the models are, and which version of each counts."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.log_loss = Gauge(
            "streamproc_model_log_loss", "Log loss of scores given before the answer", ("model",), registry=r
        )
        self.roc_auc = Gauge(
            "streamproc_model_roc_auc", "ROC AUC of scores given before the answer", ("model",), registry=r
        )
        self.squared_error_ratio = Gauge(
            "streamproc_model_squared_error_ratio",
            "Squared error of expected rewards by that of the mean of all rewards",
            ("model",),
            registry=r,
        )
        self.health = {name: Gauge(*described, ("model",), registry=r) for name, described in MODEL_HEALTH.items()}
        self.label_delay = Gauge(
            "streamproc_model_label_delay_seconds", "Mean time from question to answer", ("model",), registry=r
        )
        self.scores = Counter("streamproc_model_scores", "Scores given", ("model",), registry=r)
        self.answers = Counter(
            "streamproc_model_answers", "Answered questions that came to be learned", ("model",), registry=r
        )
        self.retreats = Counter(
            "streamproc_model_retreats", "How often a model went back by itself", ("model",), registry=r
        )
        self.waiting = Gauge(
            "streamproc_model_next_example_timestamp_seconds",
            "When the example was due that is learned next; infinite: none waits",
            ("model",),
            registry=r,
        )
        self.examples = Gauge("streamproc_model_examples", "Answered questions learned from", ("model",), registry=r)
        self.release = Gauge(
            "streamproc_model_release_info", "The version that counts", ("stage", "model", "version"), registry=r
        )
        self.frozen = Gauge(
            "streamproc_model_frozen", "Whether later releases wait (1) or count (0)", ("stage", "model"), registry=r
        )
        self.trained = Gauge(
            "streamproc_model_trained_timestamp_seconds",
            "Up to which event time the version that counts was trained",
            ("model",),
            registry=r,
        )
        self.rejected = Counter(
            "streamproc_model_rejected",
            "Released versions, and acts on models, that could not be used",
            ("model",),
            registry=r,
        )


class KpiMetrics:
    """What the KPIs say, and what they should."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.value = Gauge("streamproc_kpi_value", "Value of a KPI over everything so far", ("kpi",), registry=r)
        self.target = Gauge("streamproc_kpi_target_value", "Target of a KPI", ("kpi",), registry=r)


class ProcessMetrics:
    """What a worker is, since when, and how often it has ended; with memory, CPU and open files of the process."""

    def __init__(self, r: CollectorRegistry) -> None:
        ProcessCollector(registry=r)
        PlatformCollector(registry=r)
        self.build = Gauge(
            "streamproc_build_info", "What runs", ("stage", "version", "python", "faust", "aiokafka"), registry=r
        )
        self.plan = Gauge("streamproc_plan_info", "By which plan it works", ("stage", "version"), registry=r)
        self.started = Gauge(
            "streamproc_started_timestamp_seconds", "When the worker's process began", ("stage",), registry=r
        )
        self.heartbeat = Gauge(
            "streamproc_heartbeat_timestamp_seconds", "When the worker last said it lives", ("stage",), registry=r
        )
        self.restarts = Counter(
            "streamproc_restarts", "How often the supervisor has started the stage again", ("stage",), registry=r
        )
        self.last_exit = Gauge(
            "streamproc_last_exit_code", "With what the process before this one ended", ("stage",), registry=r
        )
        self.disk_free = Gauge(
            "streamproc_disk_free_bytes", "Room on the disk of the local copies", ("stage",), registry=r
        )
        self.disk_least = Gauge("streamproc_disk_least_bytes", "With less room the worker ends", ("stage",), registry=r)


class GroupMetrics:
    """How a worker stands with Kafka and with the others of its stage."""

    def __init__(self, r: CollectorRegistry) -> None:
        self.kafka = Gauge(
            "streamproc_kafka_timestamp_seconds", "When Kafka last answered; 0: not yet", ("stage",), registry=r
        )
        self.source_partitions = Gauge(
            "streamproc_source_partitions", "Source partitions that the stage has, whoever owns them", ("stage",),
            registry=r,
        )  # fmt: skip
        self.unowned = Gauge(
            "streamproc_unowned_partitions",
            "Source partitions that nobody in a stable group has",
            ("stage",),
            registry=r,
        )
        self.rebalances = Counter(
            "streamproc_rebalances", "How often partitions were given out anew", ("stage",), registry=r
        )
        self.transactions = Counter(
            "streamproc_transactions", "Transactions by what became of them", ("stage", "result"), registry=r
        )
