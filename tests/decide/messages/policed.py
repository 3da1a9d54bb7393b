"""Shops with a policy, and what became of what they wished to send."""

from collections.abc import Iterator
from typing import Any

from streamproc.events.decisions import Suppression, Trigger
from tests.builders import (
    Shop,
    on_order,
    plan,
)


def shop_with(*triggers: dict[str, Any], **policy: Any) -> Shop:
    return Shop(plan(*(triggers or (on_order(),)), policy=policy))


def suppressions(outcomes: Any) -> Iterator[Suppression]:
    return (d for outcome in outcomes for d in outcome.decisions if isinstance(d, Suppression))


def triggers(outcomes: Any) -> Iterator[Trigger]:
    return (d for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger))
