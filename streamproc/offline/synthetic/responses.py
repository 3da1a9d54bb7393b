"""What the demo's shoppers do with the mail of an offer: they click, or not, by tastes that nobody tells the system.

**Everything in here is made up** and seeded by the choice: the same choices get the same clicks. Orders are real and
stay as they were: an offer changes nothing but what becomes of its mail.
"""

from collections.abc import Mapping
from math import exp
from typing import Any

import orjson

from streamproc.events.email import Clicked, Delivered, MessageEvent, Opened, Sent
from streamproc.events.times import HOUR_MS, parse_rfc3339, rfc3339
from streamproc.events.topics import raw_topic
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.synthetic.dice import SOURCE, dice_for, happens, synthetic_id

Likes = Mapping[str, float]

TASTES: Mapping[str, Likes] = {
    "free_shipping_next_order": {"": -0.5},
    "volume_discount": {"": -6.5, "log_mean_order_value": 0.8},
    "new_arrivals": {"": -1.5, "log_views_7d": 1.2},
    "loyalty_gift": {"": -4.0},
}
"""Of each shipped offer, what adds to the log odds of a click: always, and for each unit of a feature."""
UNKNOWN: Likes = {"": -2.0}
"""Of an offer that somebody has added."""
OPENED_BY_THE_REST = 0.3
"""So many of those who do not click open the mail at least."""
MINUTE_MS = HOUR_MS // 60


def mail_of(offer: Mapping[str, Any], seed: int) -> list[DumpedRecord]:
    """What becomes of the mail with a chosen offer, as raw messages in time order, within a day."""
    decision, customer = str(offer["offer_decision_id"]), offer["customer_id"]
    if customer is None:
        return []
    dice = dice_for(seed, "offer", decision)
    clicks = happens(chance_of_click(offer), dice)
    opened_ms = round(dice.uniform(0.2, 20.0) * HOUR_MS)
    done: list[tuple[type[MessageEvent], int]] = [(Sent, MINUTE_MS), (Delivered, 2 * MINUTE_MS)]
    if clicks or happens(OPENED_BY_THE_REST, dice):
        done.append((Opened, opened_ms))
    if clicks:
        done.append((Clicked, opened_ms + MINUTE_MS))
    return [_message(event, offer, parse_rfc3339(offer["at"]) + after_ms, seed) for event, after_ms in done]


def _message(event: type[MessageEvent], offer: Mapping[str, Any], at_ms: int, seed: int) -> DumpedRecord:
    kind, decision = event.model_fields["type"].default, str(offer["offer_decision_id"])
    said = {
        "event_id": synthetic_id(seed, f"offer-{kind}", decision),
        "type": kind,
        "occurred_at": rfc3339(at_ms),
        "customer_id": offer["customer_id"],
        "message_id": synthetic_id(seed, "offer-mail", decision),
        "channel": offer["channel"],
        "offer_id": offer["offer_id"],
        "source": SOURCE,
    }
    return DumpedRecord(raw_topic(event), str(offer["customer_id"]).encode(), at_ms, orjson.dumps(said))


def chance_of_click(offer: Mapping[str, Any]) -> float:
    """How likely a click is: what the customer is like says the decision, how he likes it nobody."""
    likes, features = TASTES.get(offer["offer_id"], UNKNOWN), offer["features"]
    odds = sum(weight * (features.get(name, 0.0) if name else 1.0) for name, weight in likes.items())
    return 1 / (1 + exp(-odds))
