"""What learn counts of how good its versions were."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.shapes import Always, Flag, Listed, Pairs, Real, Shape, Whole
from streamproc.models.health.amount_metrics import AmountMetrics, MiddleMetrics
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.health.sample_metrics import SampleMetrics
from streamproc.models.in_part import in_part

with in_part():
    from river.metrics.confusion import ConfusionMatrix
    from river.metrics.log_loss import LogLoss
    from river.metrics.roc_auc import ROCAUC
    from river.stats.mean import Mean

_SUMS: Callable[[list[tuple[Any, Any]]], Any] = partial(defaultdict, float)


def _roc_auc(held: Mapping[str, Any]) -> ROCAUC:
    """One confusion matrix per threshold; the thresholds follow from how many there are."""
    made = ROCAUC(n_thresholds=len(held["cms"]))
    made.cms = held["cms"]
    return made


def _confusion(held: Mapping[str, Any]) -> ConfusionMatrix:
    made = ConfusionMatrix()
    vars(made).update(held)
    return made


def _counted(matrix: ConfusionMatrix) -> Mapping[str, Any]:
    """All but the classes to be shown, which nobody sets; the weight begins as an int and goes on as a float.

    Whoever asks River for a metric leaves zeros where nothing was counted. They mean nothing and are left out, and the
    order is that of the keys: so what is written does not depend on when somebody asked.
    """
    held = {name: value for name, value in vars(matrix).items() if name != "_init_classes"}
    rows = {row: counts for row, each in matrix.data.items() if (counts := _without_zeros(each))}
    sums = {"sum_row": _without_zeros(matrix.sum_row), "sum_col": _without_zeros(matrix.sum_col)}
    return held | sums | {"data": dict(sorted(rows.items())), "total_weight": float(matrix.total_weight)}


def _without_zeros(counts: Mapping[bool, float]) -> dict[bool, float]:
    return {key: count for key, count in sorted(counts.items()) if count}


_AMOUNTS: Mapping[str, Shape] = {
    "examples": Whole(),
    "scored": Whole(),
    "total": Real(),
    "scored_total": Real(),
    "predicted": Real(),
    "squared_errors": Real(),
    "absolute_errors": Real(),
    "plain_errors": Real(),
    "below": Whole(),
    "recent": part("BesideBaseline"),
    "stability": part("FeatureStability"),
    "judge": part("RetreatJudge"),
}

declare(
    Kind(AmountMetrics, _AMOUNTS),
    Kind(MiddleMetrics, _AMOUNTS),
    Kind(SampleMetrics, {"examples": Whole(), "total": Real()}),
    Kind(
        ProgressiveMetrics,
        {
            "examples": Whole(),
            "positives": Whole(),
            "scored": Whole(),
            "log_loss": part("LogLoss"),
            "roc_auc": part("ROCAUC"),
            "brier_sum": Real(),
            "delay_ms": Real(),
            "histogram": part("ScoreHistogram"),
            "recent": part("RecentScores"),
            "stability": part("FeatureStability"),
            "judge": part("RetreatJudge"),
        },
    ),
    Kind(LogLoss, {"_mean": part("Mean")}),
    Kind(Mean, {"n": Real(at_least=0), "_mean": Real()}),
    Kind(
        ROCAUC,
        {"pos_val": Always(only=True), "cms": Listed(part("ConfusionMatrix"), at_least=2)},
        read=lambda metric: {"pos_val": metric.pos_val, "cms": metric.cms},
        make=_roc_auc,
    ),
    Kind(
        ConfusionMatrix,
        {
            "sum_row": Pairs(Flag(), Real(), _SUMS),
            "sum_col": Pairs(Flag(), Real(), _SUMS),
            "data": Pairs(Flag(), Pairs(Flag(), Real(), _SUMS), partial(defaultdict, _SUMS)),
            "n_samples": Whole(),
            "total_weight": Real(),
            "_total_true_positives": Real(),
        },
        read=_counted,
        make=_confusion,
    ),
)
