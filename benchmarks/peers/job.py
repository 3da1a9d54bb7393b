"""The reference job, the same for every system: standard library only, for it also runs in the peers' environments.

An event of about 222 bytes changes its customer's state of about 310 bytes, or larger by a ballast that each event
writes anew; each customer's 10th, 20th … event gives a trigger.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

CUSTOMERS = 20_000
EVERY = 10
PARTITIONS = 4
WEIGHTS = (0.5, 0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005)

Values = dict[str, Any]


def event(dice: Random, number: int, at: float) -> Values:
    """One purchase."""
    return {
        "event_id": f"{dice.getrandbits(128):032x}",
        "customer_id": f"c{dice.randrange(CUSTOMERS):07d}",
        "ts": at,
        "amount": dice.randrange(100, 50_000) / 100,
        "sku": f"sku-{dice.randrange(5_000):06d}",
        "channel": dice.choice(("web", "app", "store")),
        "store": f"store-{dice.randrange(400):04d}",
        "session": f"{dice.getrandbits(64):016x}",
        "currency": "EUR",
        "seq": number,
    }


def after(state: Mapping[str, Any] | None, event: Mapping[str, Any], ballast: int = 0) -> Values:
    """The customer's state after an event; larger by so many bytes of letters that differ from event to event."""
    amount = event["amount"]
    before: Mapping[str, Any] = state or {"count": 0, "sum": 0.0, "f": [0.0] * len(WEIGHTS)}
    after = {
        "cust": event["customer_id"],
        "count": before["count"] + 1,
        "sum": before["sum"] + amount,
        "last_ts": event["ts"],
        "last_sku": event["sku"],
        "last_channel": event["channel"],
        "f": [known + (amount - known) * weight for known, weight in zip(before["f"], WEIGHTS, strict=True)],
    }
    if ballast:
        identity = event["event_id"]
        after["ballast"] = identity * (ballast // len(identity))
    return after


def trigger(state: Mapping[str, Any], event: Mapping[str, Any]) -> Values | None:
    """What is to be told, if this was a tenth event."""
    if state["count"] % EVERY:
        return None
    return {
        "customer_id": state["cust"],
        "count": state["count"],
        "sum": state["sum"],
        "ts": event["ts"],
        "cause": event["event_id"],
        "sku": event["sku"],
        "channel": event["channel"],
        "kind": "every-10",
        "mean": state["sum"] / state["count"],
    }
