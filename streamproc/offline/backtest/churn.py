"""Churn at a cut: what the model said of each customer, against what happened, and against two simple rules.

A customer has churned without an order in the horizon after the end of the cut's day.
"""

from dataclasses import dataclass

from streamproc.customer.features import Features
from streamproc.customer.view import CustomerView
from streamproc.events.subject import Subject
from streamproc.events.times import DAY_MS
from streamproc.models.vectors import by_name, vector
from streamproc.offline.backtest.cut import Cut, Known
from streamproc.offline.backtest.judging import (
    Bin,
    Decile,
    Estimate,
    Numbers,
    auc,
    auc_gain,
    auc_with_interval,
    brier,
    calibration,
    calibration_error,
    lift,
    log_loss,
    numbers,
)
from streamproc.offline.backtest.orders import Behaviour


@dataclass(frozen=True, slots=True)
class ChurnResult:
    """The judgement of one cut.

    Attributes:
        model_version: the version that counted at the cut, None if none had been released.
        customers: identified customers with an order up to the cut.
        churn_rate: the share of them without an order in the horizon; None if there are no such customers.
        recency, frequency: the AUC of the days since the last order, and of few days with an order, alone.
        gain: the model's AUC less the better one of these two.
    """

    cut: str
    days: int
    model_version: str | None
    customers: int
    churn_rate: float | None
    auc: Estimate
    recency: Estimate
    frequency: Estimate
    gain: Estimate
    brier: float | None
    log_loss: float | None
    calibration: list[Bin]
    calibration_error: float | None
    deciles: list[Decile]


def judge_churn(cut: Cut, known: Known, behaviour: Behaviour) -> ChurnResult:
    """Judge what was known at the cut by what happened after it.

    Raises:
        ValueError: the log ends before the horizon does, so nobody can be said to have churned.
    """
    if behaviour.through_ms < cut.until_ms:
        raise ValueError(
            f"the dump ends before {cut.day} and {cut.days} days: choose an earlier --churn-cut or fewer --churn-days"
        )
    ids = [Subject.of_key(customer.key).id for customer in known.customers]
    labels = numbers([not behaviour.next_orders(each, cut.end_ms - 1, cut.until_ms - 1) for each in ids])
    recency, frequency = _simple_rules(cut, ids, behaviour)
    scores = _scores(cut, known)
    better = recency if (auc(labels, recency) or 0) > (auc(labels, frequency) or 0) else frequency
    has_scores = scores is not None
    said = recency if scores is None else scores
    bins = calibration(labels, said) if has_scores else []
    return ChurnResult(
        cut=cut.day.isoformat(),
        days=cut.days,
        model_version=known.bank.version(known.asked.name),
        customers=len(ids),
        churn_rate=float(labels.mean()) if ids else None,
        auc=auc_with_interval(labels, said) if has_scores else Estimate(None),
        recency=auc_with_interval(labels, recency),
        frequency=auc_with_interval(labels, frequency),
        gain=auc_gain(labels, said, better) if has_scores else Estimate(None),
        brier=brier(labels, said) if has_scores else None,
        log_loss=log_loss(labels, said) if has_scores else None,
        calibration=bins,
        calibration_error=calibration_error(bins),
        deciles=lift(labels, said) if has_scores else [],
    )


def _scores(cut: Cut, known: Known) -> Numbers | None:
    names, found = known.asked.prediction.features, []
    for customer in known.customers:
        features = Features(CustomerView(customer, cut.end_ms), known.functions)
        values = vector(features, names, has_categories=known.asked.prediction.has_categories)
        scored = known.bank.score(known.asked.name, by_name(names, values))
        if scored is None:
            return None
        found.append(scored.value)
    return numbers(found)


def _simple_rules(cut: Cut, ids: list[str], behaviour: Behaviour) -> tuple[Numbers, Numbers]:
    """Days since the last order, and the number of days with an order (fewer is riskier), up to the cut."""
    recency, frequency = [], []
    for each in ids:
        days = {o.at_ms // DAY_MS for o in behaviour.by_customer.get(each, []) if o.at_ms < cut.end_ms}
        recency.append(float(cut.end_ms // DAY_MS - max(days, default=0)))
        frequency.append(-float(len(days)))
    return numbers(recency), numbers(frequency)
