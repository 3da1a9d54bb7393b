"""Offers: what the logged choices brought, and what other policies would have brought."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from streamproc.decide.offer_rule import OfferRule
from streamproc.events.times import DAY_MS, parse_rfc3339
from streamproc.offline.backtest.off_policy.promotion import Champion, Promotion, promotion_of
from streamproc.offline.backtest.off_policy.value import PolicyValue, value_of
from streamproc.offline.backtest.offer_policies import Decision, LoggedOffers, Policy, policies_of
from streamproc.offline.backtest.orders import Behaviour


@dataclass(frozen=True, slots=True)
class OfferResult:
    """What came of the offers.

    Attributes:
        chosen: how often each was chosen.
        judged: decisions whose reward window is over.
        reward_days: how long a reward is waited for.
        rewarded: how many of each offer's judged decisions were rewarded.
        only_orders: nobody saw these offers, since the log holds plain orders.
        policies: the logged policy's value first, then that of others.
        promotions: of those others, whether each may take the logged one's place.
    """

    chosen: dict[str, int]
    judged: dict[str, int]
    rewarded: dict[str, int]
    reward_days: float
    only_orders: bool
    policies: list[PolicyValue]
    promotions: list[Promotion] = field(default_factory=list)


def judge_offers(
    decisions: Iterable[Decision], rules: Iterable[OfferRule], behaviour: Behaviour, reward_days: float
) -> OfferResult:
    """Judge the offers by the orders and clicks that followed within `reward_days`."""
    known = {rule.id: rule for rule in rules}
    chosen: Counter[str] = Counter()
    judged: list[Decision] = []
    for decision in decisions:
        chosen[decision["offer_id"]] += 1
        if behaviour.is_known(parse_rfc3339(decision["at"]), reward_days):
            judged.append(decision)
    rewards = [reward_of(decision, known, behaviour, reward_days) for decision in judged]
    rewarded: Counter[str] = Counter()
    for decision, reward in zip(judged, rewards, strict=True):
        rewarded[decision["offer_id"]] += reward > 0
    values = _values(LoggedOffers(judged, rewards), policies_of(chosen, known)) if judged else []
    champion = Champion(float(np.mean(rewards)) if rewards else 0.0, unseen=behaviour.only_orders)
    return OfferResult(
        chosen=dict(chosen.most_common()),
        judged=dict(Counter(decision["offer_id"] for decision in judged)),
        rewarded=dict(rewarded),
        reward_days=reward_days,
        only_orders=behaviour.only_orders,
        policies=values,
        promotions=[promotion_of(value, champion) for value in values[1:]],
    )


def _values(offers: LoggedOffers, policies: Mapping[str, Policy]) -> list[PolicyValue]:
    return [value_of(offers.log, offers.under(name, policy)) for name, policy in policies.items()]


def reward_of(decision: Decision, rules: Mapping[str, OfferRule], behaviour: Behaviour, days: float) -> float:
    """1 for an order (of the offer's products, if it names some) or a click on the offer within the window, else 0."""
    rule = rules.get(decision["offer_id"])
    after = parse_rfc3339(decision["at"])
    until = after + round(days * DAY_MS)
    customer = decision["customer_id"]
    clicked = any(
        click.offer_id == decision["offer_id"] and after < click.at_ms <= until
        for click in behaviour.clicks.get(customer, [])
    )
    skus, category = (rule.skus, rule.category) if rule else ((), None)
    bought = any(
        (not skus and category is None) or category in order.categories or bool(set(skus) & set(order.skus))
        for order in behaviour.next_orders(customer, after, until)
    )
    return float(clicked or bought)
