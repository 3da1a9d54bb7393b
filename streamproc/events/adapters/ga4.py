"""Google Analytics 4: rows of its export to BigQuery, of the day's table and of the one within the day alike.

docs/adapters.md has the table of their fields and ours.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.reading import Said, Tree, adapted, first, inside, known, objects, trees, within
from streamproc.events.adapters.values import (
    currency,
    decimal,
    digest,
    micros,
    moment,
    named,
    person,
    pieces,
    reference,
    text,
)
from streamproc.events.clickstream import MAX_CONTENT
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json
from streamproc.events.mending import UNKNOWN_SKU
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.written import as_text

_MOST_ITEMS = 200
"""So many an event of theirs has at most."""

_IDENTITY = (
    "event_name", "event_timestamp", "event_bundle_sequence_id", "batch_event_index", "batch_page_id",
    "batch_ordering_id",
)  # fmt: skip
_VALUES = ("string_value", "int_value", "double_value", "float_value")


@adapter("ga4", "event_name event_timestamp")
def ga4(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What rows of the export say."""
    return adapted(value, says)


def says(said: Json) -> Iterator[Said]:
    """What a message says, in our format."""
    return objects(said, _row)


def _row(row: Tree) -> Iterable[Said]:
    name = as_text(row.get("event_name"))
    if not name:
        return (Rejected(Reason.MISSING_FIELD, "event_name"),)
    if (tell := _EVENTS.get(name)) is None:
        return (Ignored(Why.OTHER_EVENT),)
    if tell not in (_purchase, _refund) and not any(_who(row).values()):
        return (Ignored(Why.NOBODY),)
    return tell({**row, "event_params": _parameters(row)})


def _parameters(row: Tree) -> Tree:
    """The list of parameters by their names; each has its value in one of four fields."""
    return {
        each["key"]: first(*(inside(each, "value", name) for name in _VALUES))
        for each in trees(row.get("event_params"))
        if isinstance(each.get("key"), str)
    }


def _parameter(row: Tree, name: str) -> Any:
    return inside(row, "event_params", name)


def _who(row: Tree) -> Tree:
    return {"customer_id": person(row.get("user_id")), "anonymous_id": person(row.get("user_pseudo_id"))}


def _identity(row: Tree) -> str:
    """By what an event is the same in each table and at each export; the rest of a row may change for three days."""
    visitor = first(as_text(row.get("user_pseudo_id")), as_text(row.get("user_id")))
    return digest([visitor, *(as_text(row.get(name)) for name in _IDENTITY)])


def _event(row: Tree, kind: str, own: Tree, *by: object) -> Tree:
    at = moment(row.get("event_timestamp"))
    return {"event_id": named(kind, _identity(row), *by), "type": kind, "occurred_at": at, **_who(row), **own}


def _word(value: object) -> str | None:
    """A text; those in brackets, such as `(not set)` and `(other)`, say nothing."""
    said = text(value)
    return None if said is None or said.startswith("(") else said


def _browsing(row: Tree) -> Tree:
    came = within(row, "collected_traffic_source")
    return {
        "url": text(_parameter(row, "page_location"), 2048),
        "referrer": text(_parameter(row, "page_referrer"), 2048),
        "utm_source": _word(first(came.get("manual_source"), _parameter(row, "source"))),
        "utm_medium": _word(first(came.get("manual_medium"), _parameter(row, "medium"))),
        "utm_campaign": _word(first(came.get("manual_campaign_name"), _parameter(row, "campaign"))),
        "device": _word(inside(row, "device", "category")),
        "locale": _word(inside(row, "device", "language")),
    }


def _currency(row: Tree) -> object:
    return currency(_parameter(row, "currency"))


def _viewed(row: Tree) -> Iterator[Said]:
    yield _event(row, "page_viewed", _browsing(row))


def _searched(row: Tree) -> Iterator[Said]:
    yield _event(row, "searched", _browsing(row) | {"query": _word(_parameter(row, "search_term"))})


def _items(row: Tree) -> list[Tree]:
    return trees(row.get("items"))[:_MOST_ITEMS]


def _product(item: Tree) -> Tree:
    """A product's number, without one its name, and how many."""
    sku = first(_word(item.get("item_id")), _word(item.get("item_name")))
    return known({"sku": sku, "variant": _word(item.get("item_variant")), "quantity": pieces(item.get("quantity"))})


def _price(item: Tree) -> int | None:
    """Of one piece; what the whole line brought tells it, too."""
    if (price := micros(item.get("price"))) is not None:
        return price
    revenue, bought = micros(item.get("item_revenue")), decimal(item.get("quantity")) or Decimal(1)
    return None if revenue is None or bought <= 0 else int(revenue / bought)


def _of_each(row: Tree, kind: str, own: Callable[[Tree], Tree]) -> Iterator[Said]:
    """An event for each product, told apart by its place in the row."""
    browsing = _browsing(row)
    for number, item in enumerate(_items(row)):
        yield _event(row, kind, browsing | own(item), number)


def _product_viewed(row: Tree) -> Iterator[Said]:
    money = _currency(row)
    return _of_each(
        row,
        "product_viewed",
        lambda item: {
            "sku": _product(item).get("sku"),
            "category": _word(item.get("item_category")),
            "price": _price(item),
            "currency": money,
        },
    )


def _added(row: Tree) -> Iterator[Said]:
    money = _currency(row)
    return _of_each(
        row,
        "cart_added",
        lambda item: {
            **_product(item),
            "category": _word(item.get("item_category")),
            "unit_price": _price(item),
            "currency": money,
        },
    )


def _removed(row: Tree) -> Iterator[Said]:
    """Without a product it would be the whole cart, which nobody has said."""
    removed = [item for item in _items(row) if "sku" in _product(item)]
    return _of_each({**row, "items": removed}, "cart_removed", _product)


def _cart_viewed(row: Tree) -> Iterator[Said]:
    """A cart of which nothing is said is not an empty one."""
    content = _content(row)
    yield _event(row, "cart_updated", _browsing(row) | {"lines": content}) if content else Ignored(Why.NO_NEWS)


def _checkout(row: Tree) -> Iterator[Said]:
    yield _event(row, "checkout_started", _browsing(row) | {"lines": _content(row)})


def _content(row: Tree) -> list[Tree]:
    return [product for product in map(_product, _items(row)) if "sku" in product][:MAX_CONTENT]


def _purchase(row: Tree) -> Iterator[Said]:
    """Without an order's own id, the event is the order."""
    total = micros(first(_parameter(row, "value"), inside(row, "ecommerce", "purchase_revenue")))
    own = {
        "order_id": first(_order_id(row), _identity(row)),
        "total": total,
        "lines": _lines(row, 0 if total is not None else None),
        "coupon": _word(_parameter(row, "coupon")),
    }
    yield _event(row, "order_placed", {**own, "currency": _currency(row)})


def _refund(row: Tree) -> Iterator[Said]:
    amount = micros(first(inside(row, "ecommerce", "refund_value"), _parameter(row, "value")))
    lines = _lines(row, 0 if amount is not None else None)
    own = {"order_id": _order_id(row), "amount": amount, "lines": lines}
    yield _event(row, "order_refunded", {**own, "currency": _currency(row)})


def _order_id(row: Tree) -> str | None:
    said = (inside(row, "ecommerce", "transaction_id"), _parameter(row, "transaction_id"))
    return next(filter(None, map(reference, said)), None)


def _lines(row: Tree, otherwise: int | None) -> list[Tree]:
    """An order's lines; `otherwise` is the price of one that says none."""
    return [
        {"sku": UNKNOWN_SKU, "quantity": 1}
        | _product(item)
        | known({"category": _word(item.get("item_category")), "unit_price": first(_price(item), otherwise)})
        for item in _items(row)
    ]


def _linked(row: Tree) -> Iterator[Said]:
    yield _event(row, "linked", {}) if all(_who(row).values()) else Ignored(Why.NO_NEWS)


_EVENTS: Mapping[str, Callable[[Tree], Iterator[Said]]] = {
    "page_view": _viewed,
    "screen_view": _viewed,
    "view_item": _product_viewed,
    "search": _searched,
    "view_search_results": _searched,
    "add_to_cart": _added,
    "remove_from_cart": _removed,
    "view_cart": _cart_viewed,
    "begin_checkout": _checkout,
    "purchase": _purchase,
    "refund": _refund,
    "login": _linked,
    "sign_up": _linked,
}
