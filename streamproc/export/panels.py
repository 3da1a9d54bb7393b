"""What the dashboard shows: flow, processes, decisions, KPIs and models, a row of panels each."""

from dataclasses import dataclass

RATE = "rate({}[$__rate_interval])"

OWNERLESS = (
    'max by (stage) (streamproc_source_partitions{...}) - sum by (stage) (streamproc_partitions{...,result="ready"})'
)


def quantile(histogram: str, by: str) -> str:
    """The query of what 99 of 100 stay below."""
    return f"histogram_quantile(0.99, sum by ({by}) ({RATE.format(histogram + '_bucket{...}')}))"


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows, in which unit, and its queries as (PromQL, legend).

    In a query `{...` stands for the chosen job and instance; further labels follow it.
    """

    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    is_number: bool = False


ROWS: dict[str, tuple[Panel, ...]] = {
    "Flow": (
        Panel(
            "Records by stage and result",
            "What the stages did with what they read, per second.",
            "cps",
            (
                (
                    "sum by (stage, result) (rate(streamproc_events_total{...}[$__rate_interval]))",
                    "{{stage}} {{result}}",
                ),
            ),
        ),
        Panel(
            "Lag",
            "Records that are there and not processed yet.",
            "short",
            (("sum by (stage) (streamproc_lag_records{...})", "{{stage}}"),),
        ),
        Panel(
            "Behind",
            "How long ago Kafka took the oldest record that is not processed yet.",
            "s",
            (("max by (stage) (streamproc_lag_seconds{...})", "{{stage}}"),),
        ),
        Panel(
            "Decided after",
            "From Kafka taking the raw message until what was decided on it is committed; 99 of 100 at most.",
            "s",
            (
                (
                    quantile("streamproc_decided_seconds", "le"),
                    "p99",
                ),
            ),
        ),
        Panel(
            "Busy",
            "Share of a core that each stage spends in processing records.",
            "percentunit",
            (("sum by (stage) (rate(streamproc_processing_seconds_total{...}[$__rate_interval]))", "{{stage}}"),),
        ),
        Panel(
            "Transactions",
            "Time that 99 of 100 checkpoints took at most.",
            "s",
            (
                (
                    quantile("streamproc_checkpoint_seconds", "le, stage"),
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            "Waiting",
            "How long 99 of 100 batches waited at most: since Kafka took them, to be worked on, to be committed.",
            "s",
            ((quantile("streamproc_wait_seconds", "le, stage, where"), "{{stage}} {{where}}"),),
        ),
        Panel(
            "Event time behind the clock",
            "How far event time is complete; years for historical data.",
            "s",
            (("time() - min by (stage) (streamproc_watermark_timestamp_seconds{...})", "{{stage}}"),),
        ),
        Panel(
            "Dead letters",
            "Messages that can never be processed, per second and reason.",
            "cps",
            (
                (
                    "sum by (topic, reason) (rate(streamproc_dead_letters_total{...}[$__rate_interval]))",
                    "{{topic}} {{reason}}",
                ),
            ),
        ),
        Panel(
            "Last sign of life",
            "Seconds since each stage said that it lives.",
            "s",
            (("time() - max by (stage) (streamproc_heartbeat_timestamp_seconds{...})", "{{stage}}"),),
        ),
    ),
    "Processes": (
        Panel(
            "Starts",
            "How often the supervisor has started a stage again, within 15 minutes.",
            "short",
            (("max by (stage) (increase(streamproc_restarts_total{...}[15m]))", "{{stage}}"),),
        ),
        Panel(
            "Last exit code",
            "With what the process before this one ended; docs/operations.md explains each.",
            "none",
            (("max by (stage) (streamproc_last_exit_code{...})", "{{stage}}"),),
            is_number=True,
        ),
        Panel(
            "Release and plan",
            "Which release runs with which libraries, and by which plan it works.",
            "none",
            (
                (
                    "count by (stage, version, python, faust, aiokafka) (streamproc_build_info{...})",
                    "{{stage}} {{version}}, Python {{python}}, Faust {{faust}}, aiokafka {{aiokafka}}",
                ),
                ("count by (stage, version) (streamproc_plan_info{...})", "{{stage}} plan {{version}}"),
            ),
            is_number=True,
        ),
        Panel(
            "Partitions without owner",
            "Source partitions of a stage on which no worker is at work, and those that its stable group has left out.",
            "short",
            (
                (
                    OWNERLESS,
                    "{{stage}}",
                ),
                ("max by (stage) (streamproc_unowned_partitions{...})", "{{stage}}: left out"),
            ),
        ),
        Panel(
            "Rebalances",
            "How often a worker was given partitions anew, within five minutes.",
            "short",
            (("max by (stage) (increase(streamproc_rebalances_total{...}[5m]))", "{{stage}}"),),
        ),
        Panel(
            "Dropped transactions",
            "Broken off at a hand-over; a commit that fails ends the worker, and is a last exit code of 71.",
            "cps",
            (
                (
                    'sum by (stage) (rate(streamproc_transactions_total{...,result="dropped"}[$__rate_interval]))',
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            "Kafka's last answer",
            "Seconds since Kafka last answered a worker; workers ask every ten.",
            "s",
            (("time() - min by (stage) (streamproc_kafka_timestamp_seconds{...} > 0)", "{{stage}}"),),
        ),
        Panel(
            "Room on the disk",
            "Of the local copies; with less than the second line a worker ends.",
            "bytes",
            (
                ("min by (stage) (streamproc_disk_free_bytes{...})", "{{stage}}"),
                ("max(streamproc_disk_least_bytes{...})", "least"),
            ),
        ),
        Panel(
            "Memory",
            "What each process has in memory.",
            "bytes",
            (("process_resident_memory_bytes{...}", "{{instance}}"),),
        ),
    ),
    "Decisions": (
        Panel(
            "Triggers",
            "Triggers that were sent, per second.",
            "cps",
            (
                (
                    'sum by (trigger) (rate(streamproc_triggers_total{...,result="emitted"}[$__rate_interval]))',
                    "{{trigger}}",
                ),
            ),
        ),
        Panel(
            "Refusals",
            "Triggers that the policy refused, by reason.",
            "cps",
            (
                (
                    "sum by (trigger, result) ("
                    + RATE.format('streamproc_triggers_total{...,result!="emitted"}')
                    + ")",
                    "{{trigger}}: {{result}}",
                ),
            ),
        ),
        Panel(
            "Offers",
            "Offers chosen, by channel.",
            "cps",
            (("sum by (channel) (rate(streamproc_offers_total{...}[$__rate_interval]))", "{{channel}}"),),
        ),
    ),
    "KPIs": (
        Panel(
            "Orders and customers",
            "Everything so far.",
            "short",
            (('max by (kpi) (streamproc_kpi_value{...,kpi=~"orders|customers|guest_orders"})', "{{kpi}}"),),
            is_number=True,
        ),
        Panel(
            "Money",
            "Revenue before returns, net revenue and average order value so far, in currency units.",
            "short",
            (('max by (kpi) (streamproc_kpi_value{...,kpi=~"revenue|net_revenue|aov"})', "{{kpi}}"),),
            is_number=True,
        ),
        Panel(
            "Rates",
            "Rates over everything so far.",
            "percentunit",
            (('max by (kpi) (streamproc_kpi_value{...,kpi=~".*_rate|ctr|ctor"})', "{{kpi}}"),),
            is_number=True,
        ),
        Panel(
            "Reward of 1,000 offers",
            "What 1,000 offers brought so far, chosen by what was learned, and by the shop's own word.",
            "short",
            (('max by (kpi) (streamproc_kpi_value{...,kpi=~"reward_per_1000_.*"})', "{{kpi}}"),),
        ),
    ),
    "Models": (
        Panel(
            "Log loss",
            "Of scores that were given before the answer was known; lower is better.",
            "short",
            (("max by (model) (streamproc_model_log_loss{...})", "{{model}}"),),
        ),
        Panel(
            "ROC AUC",
            "Of scores that were given before the answer was known; 0.5 is guessing.",
            "short",
            (("max by (model) (streamproc_model_roc_auc{...})", "{{model}}"),),
        ),
        Panel(
            "Expected rewards",
            "Squared error of what offers were expected to bring, by that of the mean of all: below 1 is better.",
            "short",
            (("max by (model) (streamproc_model_squared_error_ratio{...})", "{{model}}"),),
        ),
        Panel(
            "Examples",
            "Answered questions that were learned.",
            "short",
            (("max by (model) (streamproc_model_examples{...})", "{{model}}"),),
        ),
        Panel(
            "Beside the base rate",
            "Log loss of the last 500 scores, and of saying the same to everybody; the first is to be lower.",
            "short",
            (
                ("max by (model) (streamproc_model_recent_log_loss{...})", "{{model}}"),
                ("max by (model) (streamproc_model_recent_base_log_loss{...})", "{{model}} base rate"),
            ),
        ),
        Panel(
            "Numbers beside the mean",
            "Error of the last 500 predicted numbers by that of saying the same to everybody; below 1 is better.",
            "short",
            (("max by (model) (streamproc_model_recent_error_ratio{...})", "{{model}}"),),
        ),
        Panel(
            "Calibration error",
            "Mean distance of scores from what happened to their like.",
            "percentunit",
            (("max by (model) (streamproc_model_calibration_error_ratio{...})", "{{model}}"),),
        ),
        Panel(
            "Features that move",
            "Largest PSI of a feature, beside what the version that counts had learned; above 0.25 much has moved.",
            "short",
            (("max by (model) (streamproc_model_psi{...})", "{{model}}"),),
        ),
    ),
}
