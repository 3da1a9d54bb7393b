"""Every prediction against what happened, month by month: each was made before its answer could be known.

Questions are left out as long as their answer is not due for everybody, as in `progressive.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from streamproc.events.times import DAY_MS, from_epoch_ms, parse_rfc3339
from streamproc.models.kind import AskedPrediction, Predictions
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.offline.backtest.judging import auc, brier, log_loss, numbers


class Case(NamedTuple):
    """What was said, what happened, and between what it should have been."""

    said: float
    happened: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PredictionPeriod:
    """The questions of one month; None: not of this kind of prediction, or it does not exist.

    Attributes:
        answers: how many there are.
        said, happened: the means of both.
        auc, brier, log_loss: of probabilities.
        bias: the sum of what was said over the sum of what happened, of numbers that are means.
        squared_error_ratio: over that of the month's own mean, which nobody knew; absolute_error: the mean.
        below: the share of what happened that was not above what was said.
        covered: the share between low and high; they should hold four of five.
    """

    period: str
    answers: int
    said: float
    happened: float
    auc: float | None = None
    brier: float | None = None
    log_loss: float | None = None
    bias: float | None = None
    squared_error_ratio: float | None = None
    absolute_error: float | None = None
    below: float | None = None
    covered: float | None = None


@dataclass(frozen=True, slots=True)
class PredictionResult:
    """One prediction: all months, everything together, and how many answers were left out.

    `unit` None: it is a probability.
    """

    prediction: str
    kind: str
    unit: str | None
    months: list[PredictionPeriod]
    total: PredictionPeriod | None
    not_scored: int
    not_yet_due: int


def judge_predictions(
    examples: Iterable[Mapping[str, Any]],
    forecasts: Iterable[Mapping[str, Any]],
    predictions: Predictions,
    through_ms: int,
) -> list[PredictionResult]:
    """Judge predictions of what will happen; `through_ms` is how far the log is known (epoch ms).

    What a trigger changes never happens to one customer alone: `persuadables.py` judges that.
    """
    asked = {
        name: each
        for name, each in predictions.items()
        if isinstance(each, AskedPrediction) and not isinstance(each, UpliftPrediction)
    }
    due_before = {name: through_ms - each.horizon_ms - each.lateness_ms for name, each in asked.items()}
    between = _intervals(forecasts)
    cases: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    not_scored: dict[str, int] = defaultdict(int)
    not_yet_due: dict[str, int] = defaultdict(int)
    for example in examples:
        name = example.get("model")
        if example["type"] != "example" or name not in asked:
            continue
        said, asked_ms = example["score"], example["asked_ms"]
        if asked_ms > due_before[name]:
            not_yet_due[name] += 1
        elif said is None:
            not_scored[name] += 1
        else:
            low, high = between.get((name, asked_ms, said), (None, None))
            cases[name][f"{from_epoch_ms(asked_ms):%Y-%m}"].append(Case(said, example["label"], low, high))
    return [
        _judged(name, each, cases[name], (not_scored[name], not_yet_due[name])) for name, each in sorted(asked.items())
    ]


def _judged(
    name: str, prediction: AskedPrediction, by_month: Mapping[str, list[Case]], left_out: tuple[int, int]
) -> PredictionResult:
    everything = [case for month in by_month.values() for case in month]
    return PredictionResult(
        prediction=name,
        kind=prediction.kind,
        unit=prediction.unit,
        months=[_period(month, by_month[month], prediction) for month in sorted(by_month)],
        total=_period("all", everything, prediction) if everything else None,
        not_scored=left_out[0],
        not_yet_due=left_out[1],
    )


def _period(name: str, cases: list[Case], prediction: AskedPrediction) -> PredictionPeriod:
    said, happened = numbers([case.said for case in cases]), numbers([case.happened for case in cases])
    means = float(said.mean()), float(happened.mean())
    if prediction.unit is None:
        quality = auc(happened, said), brier(happened, said), log_loss(happened, said)
        return PredictionPeriod(name, len(cases), *means, *quality)
    errors, spread = float(((said - happened) ** 2).sum()), float(((happened - means[1]) ** 2).sum())
    is_mean = all(case.low is None for case in cases)
    return PredictionPeriod(
        name,
        len(cases),
        *means,
        bias=float(said.sum() / happened.sum()) if is_mean and happened.sum() > 0 else None,
        squared_error_ratio=errors / spread if is_mean and spread else None,
        absolute_error=float(abs(said - happened).mean()),
        below=float((happened <= said).mean()),
        covered=_covered(cases, prediction.horizon_ms / DAY_MS if prediction.unit == "days" else inf),
    )


def _covered(cases: list[Case], most: float) -> float | None:
    """The share between low and high; `most` is what nobody looks beyond, so that a high above it holds that, too."""
    known = [(case, case.low, case.high) for case in cases if case.low is not None and case.high is not None]
    held = [low <= case.happened <= high or case.happened >= most <= high for case, low, high in known]
    return sum(held) / len(held) if held else None


def _intervals(forecasts: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int, float], tuple[float, float]]:
    """Low and high by model, moment and value."""
    return {
        (each["model"], parse_rfc3339(each["at"]), each["value"]): (each["low"], each["high"])
        for each in forecasts
        if each["low"] is not None
    }
