"""A configuration that has grown: many segments, triggers and offers of the kinds that are shipped, made in code."""

from dataclasses import replace
from random import Random
from typing import Any

from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import Plan, TriggerSettings
from streamproc.decide.segments.segment import SegmentSettings

SEGMENTS, TRIGGERS, OFFERS = 50, 20, 10
"""What a shop has after some years; with 10,000 customers everything else is as it is with the shipped files."""

_NAMES = [
    "cart_lines", "carts_28d", "clicks_28d", "days_since_last_order", "gap_mean_weeks", "gap_ratio",
    "gap_spread_weeks", "log_clicks_28d", "log_mean_order_value", "log_opens_28d", "log_orders",
    "log_recency_weeks", "log_refunds", "log_revenue", "log_views_28d", "log_views_7d", "mean_order_value",
    "net_revenue_365d", "opens_28d", "orders_28d", "orders_365d", "orders_90d", "orders_total", "recency_weeks",
    "refunds_total", "revenue_28d", "revenue_total", "sessions_total", "tenure_weeks", "views_24h", "views_28d",
    "views_7d",
]  # fmt: skip
"""Named here and not all that there are, so that a new feature changes nothing that is compared with before."""

_EVENTS = ("product_viewed", "searched", "cart_added", "order_placed", "opened", "clicked")
_STARTS = ("product_viewed", "searched", "sent")


def grown(plan: Plan, segments: int = SEGMENTS, triggers: int = TRIGGERS, offers: int = OFFERS) -> Plan:
    """The plan with so many of each: those that it has come first, the others are drawn, always the same ones."""
    dice = Random(5)
    more_segments = (_segment(dice, number) for number in range(segments - len(plan.segments.segment)))
    more_triggers = (_trigger(dice, number) for number in range(triggers - len(plan.triggers.trigger)))
    more_offers = (_offer(dice, number) for number in range(offers - len(plan.offers.offer)))
    return replace(
        plan,
        segments=SegmentSettings.model_validate({"segment": (*plan.segments.segment, *more_segments)}),
        triggers=TriggerSettings.model_validate({"trigger": (*plan.triggers.trigger, *more_triggers)}),
        offers=OfferSettings.model_validate(
            {"policy": plan.offers.policy, "offer": (*plan.offers.offer, *more_offers)}
        ),
    )


def _segment(dice: Random, number: int) -> dict[str, Any]:
    least, most, other = dice.sample(_NAMES, 3)
    where: list[dict[str, Any]] = [
        {"feature": least, "at_least": dice.choice((0.5, 1, 2, 5, 20))},
        {"feature": most, "at_most": dice.choice((0.5, 1, 5, 50, 500))},
    ]
    if number % 3 == 0:
        where.append({"any": [{"feature": other, "above": 1}, {"score": "churn", "above": 0.5}]})
    return {"name": f"s{number}", "where": where}


def _trigger(dice: Random, number: int) -> dict[str, Any]:
    where = [
        {"feature": dice.choice(_NAMES), "at_least": dice.choice((1, 5, 50))},
        {"feature": dice.choice(_NAMES), "at_most": dice.choice((0.5, 2, 10))},
    ]
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "event", "on": [dice.choice(_EVENTS)]},
        {"kind": "threshold", "feature": dice.choice(_NAMES), "above": dice.choice((2, 10, 100))},
        {
            "kind": "absence",
            "delay_minutes": dice.choice((60, 1440, 10080)),
            "after": [dice.choice(_STARTS)],
            "unless": ["order_placed"],
        },
        {"kind": "threshold", "score": "churn", "above": 0.7},
    )
    return {"name": f"t{number}", "channels": ["email", "push"], "where": where} | kinds[number % len(kinds)]


def _offer(dice: Random, number: int) -> dict[str, Any]:
    where = [{"feature": dice.choice(_NAMES), "at_least": dice.choice((1, 5, 50))}]
    return {"id": f"o{number}", "content": "An offer", "expected_reward": dice.choice((0.5, 1, 2)), "where": where}
