"""Whom triggers move: each score of the kind `uplift` was made before its answer, and chance said who is treated.

Every customer was asked once, so cases are customers. In the order of the scores, the highest first, the Qini curve
says how many answers more there are for each customer if only those above are treated; treating as many by chance is
the straight line to its end. Source: N. Radcliffe, "Using Control Groups to Target on Predicted Lift" (2007).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamproc.models.health.uplift_metrics import FEWEST
from streamproc.models.kind import Predictions
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.offline.backtest.judging import Estimate, Numbers, numbers, resampled

FIFTHS = 5
STEPS = 10
"""The curve is drawn at so many equal shares of the customers."""
FEWEST_OF_ALL = 30
"""With fewer customers in an arm they are not compared."""


@dataclass(frozen=True, slots=True)
class Fifth:
    """A fifth of the customers by their scores, the first has the highest: how much likelier the event was.

    Attributes:
        fifth: 1 to 5.
        low, high: of the scores.
        treated, held_out: how many there are of either.
        uplift: the difference of both, with its interval.
    """

    fifth: int
    low: float
    high: float
    treated: int
    held_out: int
    uplift: Estimate


@dataclass(frozen=True, slots=True)
class PersuadablesResult:
    """One prediction of the kind `uplift`.

    Attributes:
        prediction, trigger, horizon_days: what was asked.
        treated, held_out: how many customers whose answer is due.
        not_scored, not_yet_due: how many had no score; how many answers are left out, as they are not due for all.
        refused: why both are not compared; None: they are.
        not_ranked: why scores are not judged; None: they are.
        effect: how much likelier the event was with the trigger, over all.
        qini: the area between the curve and chance, in events more for each customer.
        fifths: by the scores.
        curve: events more for each customer if a tenth, two tenths and so on are treated, the highest scores first.
    """

    prediction: str
    trigger: str
    horizon_days: int
    treated: int
    held_out: int
    not_scored: int
    not_yet_due: int
    refused: str | None
    not_ranked: str | None
    effect: Estimate
    qini: Estimate
    fifths: list[Fifth]
    curve: list[float]


@dataclass(frozen=True, slots=True)
class _Cases:
    """Customers: whether the event came, who was treated, and their scores; NaN: none."""

    labels: Numbers
    treated: Numbers
    scores: Numbers

    def part(self, chosen: Any) -> "_Cases":
        """Some of them."""
        return _Cases(self.labels[chosen], self.treated[chosen], self.scores[chosen])

    @property
    def arms(self) -> tuple[int, int]:
        """How many are treated, and held out."""
        treated = int(self.treated.sum())
        return treated, len(self.treated) - treated

    def uplift(self) -> Estimate:
        """The difference of both, with its interval."""
        return resampled(len(self.labels), lambda weights: _uplift(self.labels, self.treated, weights))


def judge_persuadables(
    examples: Iterable[Mapping[str, Any]], predictions: Predictions, through_ms: int
) -> list[PersuadablesResult]:
    """Judge all predictions of the kind `uplift`; `through_ms` is how far the log is known (epoch ms)."""
    asked = {name: each for name, each in predictions.items() if isinstance(each, UpliftPrediction)}
    due: dict[str, list[Mapping[str, Any]]] = {name: [] for name in asked}
    not_yet_due = dict.fromkeys(asked, 0)
    for example in examples:
        name = example.get("model")
        if example["type"] != "example" or name not in asked:
            continue
        if example["asked_ms"] > through_ms - asked[name].horizon_ms - asked[name].lateness_ms:
            not_yet_due[name] += 1
        else:
            due[name].append(example)
    return [_judged(name, each, due[name], not_yet_due[name]) for name, each in sorted(asked.items())]


def _judged(
    name: str, prediction: UpliftPrediction, due: Sequence[Mapping[str, Any]], not_yet_due: int
) -> PersuadablesResult:
    ordered = sorted(due, key=lambda each: each["subject"])  # a digest: of like scores none is first for a reason
    everybody = _Cases(
        numbers([each["label"] for each in ordered]),
        numbers([not each["held_out"] for each in ordered]),
        numbers([np.nan if each["score"] is None else each["score"] for each in ordered]),
    )
    scored = everybody.part(~np.isnan(everybody.scores))
    refused, not_ranked = _refused(everybody), _not_ranked(scored)
    is_ranked = refused is None and not_ranked is None
    treated, held_out = everybody.arms
    return PersuadablesResult(
        prediction=name,
        trigger=prediction.trigger,
        horizon_days=prediction.horizon_days,
        treated=treated,
        held_out=held_out,
        not_scored=len(ordered) - len(scored.labels),
        not_yet_due=not_yet_due,
        refused=refused,
        not_ranked=not_ranked,
        effect=Estimate(None) if refused else everybody.uplift(),
        qini=_qini(scored) if is_ranked else Estimate(None),
        fifths=_fifths(scored) if is_ranked else [],
        curve=_curve(scored) if is_ranked else [],
    )


def _refused(cases: _Cases) -> str | None:
    treated, held_out = cases.arms
    if treated and not held_out:
        return "nobody was held out (policy.toml, [holdout])"
    if min(treated, held_out) < FEWEST_OF_ALL:
        return f"{treated:,} were treated and {held_out:,} held out, and at least {FEWEST_OF_ALL} of either are needed"
    return None


def _not_ranked(scored: _Cases) -> str | None:
    treated, held_out = scored.arms
    if min(treated, held_out) >= FEWEST:
        return None
    return f"{treated:,} treated and {held_out:,} held out had a score, and at least {FEWEST} of either are needed"


def _uplift(labels: Numbers, treated: Numbers, weights: Numbers) -> float | None:
    arms = treated * weights, (1 - treated) * weights
    if not all(arm.sum() for arm in arms):
        return None
    rates = [float((labels * arm).sum() / arm.sum()) for arm in arms]
    return rates[0] - rates[1]


def _qini(cases: _Cases) -> Estimate:
    order = np.argsort(-cases.scores, kind="stable")
    ordered = cases.part(order)
    starts = _starts(ordered.scores)

    def area(weights: Numbers) -> float | None:
        x, y = qini_curve(ordered.labels, ordered.treated, starts, weights[order])
        return None if len(x) == 1 else float(np.trapezoid(y, x) - x[-1] * y[-1] / 2)

    return resampled(len(cases.labels), area)


def _curve(cases: _Cases) -> list[float]:
    ordered = cases.part(np.argsort(-cases.scores, kind="stable"))
    curve = qini_curve(ordered.labels, ordered.treated, _starts(ordered.scores), np.ones(len(ordered.labels)))
    return [round(float(each), 9) for each in np.interp(np.linspace(0, 1, STEPS + 1), *curve)]


def _starts(scores: Numbers) -> Any:
    """Where customers with another score begin, in the order of the scores."""
    return np.flatnonzero(np.r_[True, scores[1:] != scores[:-1]])


def qini_curve(labels: Numbers, treated: Numbers, starts: Any, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Which share is treated, and how many events more that gives for each customer; the highest scores stand first.

    Customers of one score are treated together. As `uplift_metrics.curve_of`, for each customer.
    """
    counted = np.stack([treated * weights, treated * weights * labels, (1 - treated) * weights])
    counted = np.vstack([counted, counted[2] * labels])
    known = np.cumsum(np.add.reduceat(counted, starts, axis=1), axis=1)
    is_known = known[2] > 0
    is_new = np.diff(known[0] + known[2], prepend=0) > 0
    treated_sum, answers, held_out, held_out_answers = known[:, is_known & is_new]
    x = (treated_sum + held_out) / (known[0, -1] + known[2, -1] or 1)
    y = (answers - held_out_answers * treated_sum / held_out) / (known[0, -1] or 1)
    return np.r_[0.0, x], np.r_[0.0, y]


def _fifths(cases: _Cases) -> list[Fifth]:
    parts = np.array_split(np.argsort(-cases.scores, kind="stable"), FIFTHS)
    return [_fifth(number, cases.part(part)) for number, part in enumerate(parts, start=1)]


def _fifth(number: int, cases: _Cases) -> Fifth:
    return Fifth(number, float(cases.scores.min()), float(cases.scores.max()), *cases.arms, cases.uplift())
