"""Progressive validation: every score was given before its answer was known, so each is an honest test.

Sources: Dawid (1984) for prequential evaluation, Gama, Sebastião and Rodrigues (2013) for streams. Questions of
the last weeks are left out as long as their answer is not due for everybody: those who order answer first, so what is
answered already would look better than it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streamproc.events.times import from_epoch_ms
from streamproc.offline.backtest.asked import Asked
from streamproc.offline.backtest.judging import Bin, Numbers, auc, brier, calibration, log_loss, numbers

SIMPLE_RULES = {"recency": ("log_recency_weeks", 1), "frequency": ("log_orders", -1)}
"""Features that alone rank customers, and whether more of it means more risk."""


@dataclass(frozen=True, slots=True)
class Period:
    """The questions of one month: how many were scored, how often the customer left, and how good the scores were.

    `baselines` has the AUC of single features on the same questions.
    """

    period: str
    questions: int
    churn_rate: float
    auc: float | None
    brier: float | None
    log_loss: float | None
    baselines: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class ProgressiveResult:
    """All months, everything together, and the calibration; `not_yet_due` questions were left out."""

    months: list[Period]
    total: Period | None
    calibration: list[Bin]
    not_scored: int
    not_yet_due: int


def judge_scores(examples: Iterable[Mapping[str, Any]], asked: Asked, through_ms: int) -> ProgressiveResult:
    """Judge the answered questions of a prediction; `through_ms` is how far the log is known."""
    due_before = through_ms - asked.prediction.horizon_ms - asked.prediction.lateness_ms
    by_month: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    not_scored = not_yet_due = 0
    for example in examples:
        if example["type"] != "example" or example["model"] != asked.name:
            continue
        if example["asked_ms"] > due_before:
            not_yet_due += 1
        elif example["score"] is None:
            not_scored += 1
        else:
            by_month[f"{from_epoch_ms(example['asked_ms']):%Y-%m}"].append(example)
    everything = [example for month in by_month.values() for example in month]
    labels, scores = _labels(everything), _scores(everything)
    return ProgressiveResult(
        months=[_period(month, by_month[month]) for month in sorted(by_month)],
        total=_period("all", everything) if everything else None,
        calibration=calibration(labels, scores),
        not_scored=not_scored,
        not_yet_due=not_yet_due,
    )


def _period(name: str, examples: list[Mapping[str, Any]]) -> Period:
    labels, scores = _labels(examples), _scores(examples)
    return Period(
        period=name,
        questions=len(examples),
        churn_rate=float(labels.mean()),
        auc=auc(labels, scores),
        brier=brier(labels, scores),
        log_loss=log_loss(labels, scores),
        baselines={
            rule: auc(labels, numbers([sign * example["features"][feature] for example in examples]))
            for rule, (feature, sign) in SIMPLE_RULES.items()
            if all(feature in example["features"] for example in examples)
        },
    )


def _labels(examples: list[Mapping[str, Any]]) -> Numbers:
    return numbers([example["label"] for example in examples])


def _scores(examples: list[Mapping[str, Any]]) -> Numbers:
    return numbers([example["score"] for example in examples])
