"""What offers and triggers do: customers who get what they get beside a control that is drawn by chance.

Of offers the control's are chosen without what was learned; of triggers the control is the holdout, who get none. Who
is of a control is a function of the customer's key, so both arms are alike but for that. Compared are customers, not
offers: who orders more often gets more, and would count more. Of a trigger all count for whom it had its occasion as
far as the rules before the holdout go, sent or not: nobody asks whether a cap would have kept it from who is held out.

What a customer did before is taken into account (CUPED), which makes the interval narrower and never moves the truth.
Source: A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data" (2013).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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

HOLDOUT = "holdout"
ORDERS, REVENUE, CLICKS = "orders", "revenue", "clicks"
"""What a customer did, as results call it; revenue is in units of the shop's money."""
BEFORE_HOLDOUT = ("stale", "consent", "undeliverable", "suppression_list", "waiting")
"""Rules of the policy that keep a trigger from anybody before the holdout is asked; what waited was counted before."""

FEWEST = 30
"""Customers of an arm with fewer are not compared."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One outcome of a customer in the `days` after the first offer.

    Attributes:
        outcome: `orders`, `revenue` (units of the shop's money) or `clicks`.
        treated, control: the means of both arms.
        difference: the treated arm's less the control's, with its interval; `adjusted`: for what was before.
    """

    outcome: str
    treated: float
    control: float
    difference: Estimate
    adjusted: Estimate


@dataclass(frozen=True, slots=True)
class UpliftResult:
    """Both arms; `refused` says why they are not compared, None: they are."""

    days: float
    treated: int
    control: int
    refused: str | None
    effects: list[Effect]


class _Arms(NamedTuple):
    """Of each customer: whether of the treated arm, and when the first occasion was (epoch ms)."""

    ids: list[str]
    treated: Numbers
    since: list[int]
    days: float

    def refused(self, no_control: str) -> str | None:
        """Why the arms are not compared; None: they are."""
        treated, everybody = int(self.treated.sum()), len(self.ids)
        if treated == everybody:
            return no_control
        return f"an arm has fewer than {FEWEST} customers" if min(treated, everybody - treated) < FEWEST else None

    def compared(self, behaviour: Behaviour, outcomes: Sequence[str], refused: str | None) -> UpliftResult:
        """The effects on these outcomes, unless there is a reason not to compare."""
        treated = int(self.treated.sum())
        effects = [] if refused else [_effect(name, self, behaviour, self.days) for name in outcomes]
        return UpliftResult(self.days, treated, len(self.ids) - treated, refused, effects)


First = dict[str, tuple[int, bool]]
"""Of each customer when the first occasion was (epoch ms), and whether of the treated arm."""


def judge_uplift(decisions: Iterable[Decision], behaviour: Behaviour, days: float) -> UpliftResult:
    """Compare customers of learned offers with the control by what they did in the `days` after their first offer."""
    first: First = {}
    for each in decisions:
        _note(first, each, is_treated=not each["policy"].startswith(CONTROL))
    arms = _arms(first, behaviour, days)
    refused = arms.refused("there is no control: offers.toml has none, or nothing was offered to it long enough ago")
    if refused is None and behaviour.only_orders:
        refused = "the log holds plain orders, so nobody saw an offer"
    return arms.compared(behaviour, (CLICKS, ORDERS, REVENUE), refused)


def judge_trigger_uplift(
    triggers: Iterable[Decision], suppressions: Iterable[Decision], behaviour: Behaviour, days: float
) -> dict[str, UpliftResult]:
    """Compare those for whom each trigger had its occasion with the holdout, by the `days` after their first one.

    Empty if nobody was held out.
    """
    first: dict[str, First] = defaultdict(dict)
    for each in triggers:
        if each["type"] == "trigger_emitted" and each["cap_class"] == "marketing":
            _note(first[each["trigger"]], {**each, "at": each["since"]}, is_treated=True)
    for each in suppressions:
        if each["rule"] not in BEFORE_HOLDOUT:
            _note(first[each["trigger"]], each, is_treated=each["rule"] != HOLDOUT)
    if all(is_treated for known in first.values() for _, is_treated in known.values()):
        return {}
    none = "nobody of whom it had its occasion long enough ago is held out"
    arms = {name: _arms(known, behaviour, days) for name, known in sorted(first.items())}
    return {name: each.compared(behaviour, (ORDERS, REVENUE), each.refused(none)) for name, each in arms.items()}


def _note(first: First, decision: Decision, *, is_treated: bool) -> None:
    customer, at_ms = decision["customer_id"], parse_rfc3339(decision["at"])
    if customer is not None and at_ms < first.get(customer, (at_ms + 1, False))[0]:
        first[customer] = (at_ms, is_treated)


def _arms(first: First, behaviour: Behaviour, days: float) -> "_Arms":
    """Those of whom it is known what they did in the `days` after."""
    known = {customer: arm for customer, arm in sorted(first.items()) if behaviour.is_known(arm[0], days)}
    treated = numbers([is_treated for _, is_treated in known.values()])
    return _Arms(list(known), treated, [at for at, _ in known.values()], days)


def _effect(outcome: str, arms: _Arms, behaviour: Behaviour, days: float) -> Effect:
    window = round(days * DAY_MS)
    after = numbers([
        _of(behaviour, each, outcome, since, since + window) for each, since in zip(arms.ids, arms.since, strict=True)
    ])  # fmt: skip
    before = numbers([
        _of(behaviour, each, outcome, since - window - 1, since - 1)
        for each, since in zip(arms.ids, arms.since, strict=True)
    ])  # fmt: skip
    treated, everybody = arms.treated, np.ones(len(after))

    def difference(weights: Numbers) -> float | None:
        return _difference(after, treated, weights)

    def adjusted(weights: Numbers) -> float | None:
        return _difference(after - _slope(after, before, weights) * before, treated, weights)

    return Effect(
        outcome,
        _mean(after, treated * everybody),
        _mean(after, (1 - treated) * everybody),
        resampled(len(after), difference),
        resampled(len(after), adjusted),
    )


def _of(behaviour: Behaviour, customer: str, outcome: str, after_ms: int, until_ms: int) -> float:
    if outcome == CLICKS:
        return float(sum(after_ms < click.at_ms <= until_ms for click in behaviour.clicks.get(customer, [])))
    orders = behaviour.next_orders(customer, after_ms, until_ms)
    return float(len(orders)) if outcome == ORDERS else sum(order.micros for order in orders) / MICROS


def _difference(values: Numbers, treated: Numbers, weights: Numbers) -> float | None:
    arms = treated * weights, (1 - treated) * weights
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
