"""Builders of `[[kpi]]` blocks and of facts."""

from typing import Any

from hypothesis import strategies as st

from streamproc.events.facts import FactValue
from streamproc.events.times import DAY_MS
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry
from streamproc.measure.sums import FactMessage, PlainPosition

NOWHERE: PlainPosition = {"topic_id": "log", "partition": 0, "offset": 0, "number": 0}
MEANING = {"description": "For a test.", "layer": "output", "direction": "up", "owner": "tests"}


def count(name: str = "orders", **changes: Any) -> dict[str, Any]:
    return {"name": name, "kind": "count", "facts": ["order"], **MEANING, **changes}


def total_of(name: str = "revenue", **changes: Any) -> dict[str, Any]:
    own = {"kind": "sum", "facts": ["order"], "field": "amount", "unit": "micros", "where": {"currency": "GBP"}}
    return {"name": name, **own, **MEANING, **changes}


def distinct(name: str = "customers", **changes: Any) -> dict[str, Any]:
    flags = {"day": "first_of_day", "total": "first_ever"}
    return {"name": name, "kind": "distinct", "facts": ["order"], "counted_by": flags, **MEANING, **changes}


def ratio(numerator: str, denominator: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "rate", "kind": "ratio", "numerator": numerator, "denominator": denominator, **MEANING, **changes,
    }  # fmt: skip


def registry(*blocks: dict[str, Any]) -> KpiRegistry:
    return KpiRegistry.model_validate({"kpi": list(blocks)})


def plan(*blocks: dict[str, Any]) -> KpiPlan:
    return KpiPlan.of(registry(*blocks))


def fact(name: str, *, day: int = 0, hour: int = 12, **values: FactValue) -> FactMessage:
    at_ms = day * DAY_MS + hour * DAY_MS // 24
    return {"fact": name, "at_ms": at_ms, "values": values, "position": NOWHERE, "taken_back": False}


def order(pounds: int = 10, *, day: int = 0, hour: int = 12, **changes: FactValue) -> FactMessage:
    values: dict[str, FactValue] = {
        "amount": pounds * 1_000_000, "net_amount": pounds * 1_000_000, "currency": "GBP", "guest": False,
        "order_number": 1, "first_of_day": True, "first_ever": True,
    }  # fmt: skip
    return fact("order", day=day, hour=hour, **values | changes)


days = st.integers(0, 4)
hours = st.integers(0, 23)
amounts = st.integers(0, 10**18)
currencies = st.sampled_from(["GBP", "EUR"])
flags = st.booleans()

orders = st.builds(
    lambda amount, **values: fact("order", amount=amount, net_amount=amount, **values),
    amounts, day=days, hour=hours, currency=currencies, guest=flags, order_number=st.integers(0, 3),
    first_of_day=flags, first_ever=flags,
)  # fmt: skip
refunds = st.builds(
    lambda amount, **values: fact("refund", amount=amount, net_amount=-amount, **values),
    amounts, day=days, hour=hours, currency=currencies, guest=flags, kind=st.sampled_from(["refunded", "cancelled"]),
)  # fmt: skip
messages = st.builds(
    lambda **values: fact("message", **values),
    day=days, hour=hours, action=st.sampled_from(["sent", "delivered", "opened", "clicked", "bounced"]),
    channel=st.sampled_from(["email", "sms"]), unique=flags, human=flags, unique_human=flags, kind=st.none(),
)  # fmt: skip
triggers = st.builds(
    lambda trigger, **values: fact("trigger", trigger=trigger, channel="email", **values),
    st.sampled_from(["abandoned_cart", 'odd "{" name', "none"]), day=days, hour=hours,
)  # fmt: skip
facts = st.one_of(orders, refunds, messages, triggers)
