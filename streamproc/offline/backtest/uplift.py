"""What offers do: customers whose offers are chosen by what was learned beside the control, who are chosen by chance.

Who is of the control is a function of the customer's key, so both are alike but for that. Compared are customers, not
offers: who orders more often gets more offers, and would count more. What a customer did before is taken into account
(CUPED), which makes the interval narrower and never moves the truth. Source: A. Deng, Y. Xu, R. Kohavi, T. Walker,
"Improving the Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data" (2013).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS, parse_rfc3339
from streamproc.offline.backtest.judging import Estimate, Numbers, numbers, resampled
from streamproc.offline.backtest.offer_policies import Decision
from streamproc.offline.backtest.orders import Behaviour

CONTROL = "control: "
"""How the policy of a control's offer begins."""

FEWEST = 30
"""Customers of an arm with fewer are not compared."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One outcome of a customer in the `days` after the first offer.

    Attributes:
        outcome: `orders`, `revenue` (units of the shop's money) or `clicks`.
        learned, control: the means of both arms.
        difference: the learned arm's less the control's, with its interval; `adjusted`: for what was before.
    """

    outcome: str
    learned: float
    control: float
    difference: Estimate
    adjusted: Estimate


@dataclass(frozen=True, slots=True)
class UpliftResult:
    """Both arms; `refused` says why they are not compared, None: they are."""

    days: float
    learned: int
    control: int
    refused: str | None
    effects: list[Effect]


class _Arms(NamedTuple):
    """Of each customer: whether the learned arm, and when the first offer was made (epoch ms)."""

    ids: list[str]
    learned: Numbers
    since: list[int]


def judge_uplift(decisions: Iterable[Decision], behaviour: Behaviour, days: float) -> UpliftResult:
    """Compare the arms by what customers did in the `days` after their first offer."""
    arms = _arms(decisions, behaviour, days)
    learned = int(arms.learned.sum())
    control = len(arms.ids) - learned
    refused = None
    if not control:
        refused = "there is no control: offers.toml has none, or nothing was offered to it long enough ago"
    elif min(learned, control) < FEWEST:
        refused = f"an arm has fewer than {FEWEST} customers"
    elif behaviour.only_orders:
        refused = "the log holds plain orders, so nobody saw an offer"
    effects = [] if refused else [_effect(name, arms, behaviour, days) for name in ("clicks", "orders", "revenue")]
    return UpliftResult(days, learned, control, refused, effects)


def _arms(decisions: Iterable[Decision], behaviour: Behaviour, days: float) -> _Arms:
    first: dict[str, tuple[int, bool]] = {}
    for each in decisions:
        customer, at_ms = each["customer_id"], parse_rfc3339(each["at"])
        if customer is not None and at_ms < first.get(customer, (at_ms + 1, False))[0]:
            first[customer] = (at_ms, not each["policy"].startswith(CONTROL))
    known = {customer: arm for customer, arm in sorted(first.items()) if behaviour.is_known(arm[0], days)}
    return _Arms(
        list(known), numbers([is_learned for _, is_learned in known.values()]), [at for at, _ in known.values()]
    )


def _effect(outcome: str, arms: _Arms, behaviour: Behaviour, days: float) -> Effect:
    window = round(days * DAY_MS)
    after = numbers([
        _of(behaviour, each, outcome, since, since + window) for each, since in zip(arms.ids, arms.since, strict=True)
    ])  # fmt: skip
    before = numbers([
        _of(behaviour, each, outcome, since - window - 1, since - 1)
        for each, since in zip(arms.ids, arms.since, strict=True)
    ])  # fmt: skip
    learned, everybody = arms.learned, np.ones(len(after))

    def difference(weights: Numbers) -> float | None:
        return _difference(after, learned, weights)

    def adjusted(weights: Numbers) -> float | None:
        return _difference(after - _slope(after, before, weights) * before, learned, weights)

    return Effect(
        outcome,
        _mean(after, learned * everybody),
        _mean(after, (1 - learned) * everybody),
        resampled(len(after), difference),
        resampled(len(after), adjusted),
    )


def _of(behaviour: Behaviour, customer: str, outcome: str, after_ms: int, until_ms: int) -> float:
    if outcome == "clicks":
        return float(sum(after_ms < click.at_ms <= until_ms for click in behaviour.clicks.get(customer, [])))
    orders = behaviour.next_orders(customer, after_ms, until_ms)
    return float(len(orders)) if outcome == "orders" else sum(order.micros for order in orders) / MICROS


def _difference(values: Numbers, learned: Numbers, weights: Numbers) -> float | None:
    arms = learned * weights, (1 - learned) * weights
    if not all(arm.sum() for arm in arms):
        return None
    return _mean(values, arms[0]) - _mean(values, arms[1])


def _mean(values: Numbers, weights: Numbers) -> float:
    return float((values * weights).sum() / weights.sum())


def _slope(values: Numbers, before: Numbers, weights: Numbers) -> float:
    """How much of what was before is found again: the regression's slope."""
    away = before - _mean(before, weights)
    spread = float((weights * away * away).sum())
    return float((weights * away * values).sum()) / spread if spread else 0.0
