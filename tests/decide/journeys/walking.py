"""Journeys to walk on, and what was said on the way."""

from collections.abc import Iterable
from typing import Any

from streamproc.decide.outcome import Outcome
from streamproc.events.decisions import JourneyChange, Trigger
from tests.builders import (
    Shop,
    abandoned_cart,
    add,
    on_order,
    plan,
)

WAIT = {"kind": "wait", "days": 1}
OPENED = {"name": "opened", "kind": "condition", "where": [{"feature": "message_opened", "equals": 1}], "then": "end"}
PUSH = {"name": "push", "kind": "message", "channels": ["push"], "content": "again"}
NIGHT = {"begin": "21:00", "end": "08:00"}
IN_CART = abandoned_cart(cool_down_hours=0)


def again(*steps: dict[str, Any], **values: Any) -> dict[str, Any]:
    own = {
        "name": "again",
        "start": "abandoned_cart",
        "exits": ["order_placed"],
        "step": list(steps) or [WAIT, OPENED, PUSH],
    }
    return own | values


def journey_shop(*journeys: dict[str, Any], **policy: Any) -> Shop:
    return Shop(plan(IN_CART, on_order(), policy=policy, journeys=journeys or [again()]))


def changes(outcomes: Iterable[Outcome]) -> list[tuple[str, str | None, str | None]]:
    return [(each.change, each.step, each.reason) for each in changed(outcomes)]


def changed(outcomes: Iterable[Outcome]) -> list[JourneyChange]:
    return [d for outcome in outcomes for d in outcome.decisions if isinstance(d, JourneyChange)]


def messages(outcomes: Iterable[Outcome]) -> list[tuple[str | None, str, str]]:
    triggers = [d for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger)]
    return [(each.step, each.channel, each.at) for each in triggers if each.trigger == "again"]


def reminded(shop: Shop) -> Trigger:
    """Ada leaves a cart and is reminded an hour after noon."""
    shop.sees(add(cart_id="cart-1"))
    [trigger] = [d for outcome in shop.mark(hours=1) for d in outcome.decisions if isinstance(d, Trigger)]
    return trigger
