"""Segment's and RudderStack's calls, one by one, as lists, and in the batches that their libraries send.

docs/adapters.md has the table of their fields and ours.
"""

from collections.abc import Callable, Iterator, Mapping

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.consent_traits import consent_of
from streamproc.events.adapters.reading import Said, Tree, adapted, first, inside, known, objects, trees, within
from streamproc.events.adapters.values import (
    address,
    currency,
    digest,
    micros,
    moment,
    named,
    person,
    pieces,
    reference,
    text,
    word,
)
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json
from streamproc.events.mending import UNKNOWN_SKU
from streamproc.events.rejected import Reason, Rejected

_DATES = frozenset(("createdat", "birthday"))


@adapter("rudderstack", "type messageId rudderId")
@adapter("segment", "type messageId", "batch sentAt")
def segment(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What the calls of a message say."""
    return adapted(value, says)


def says(said: Json) -> Iterator[Said]:
    """What a message says, in our format."""
    yield from objects(said, _calls)


def _calls(said: Tree) -> Iterator[Said]:
    """A call, or those of a batch, which say together what is the same of each."""
    if not isinstance(calls := said.get("batch"), list):
        yield from _call(said)
        return
    shared: Tree = {name: said[name] for name in ("context", "sentAt", "receivedAt") if name in said}
    yield from objects(calls, lambda call: _call({**shared, **call}))


def _call(call: Tree) -> Iterator[Said]:
    kind = word(call.get("type"))
    if not kind:
        yield Rejected(Reason.MISSING_FIELD, "type")
    elif kind == "track":
        yield from _track(call)
    elif kind in ("page", "screen"):
        yield _event(call, "page_viewed", _browsing(call))
    elif kind == "identify":
        yield from _identify(call)
    elif kind == "alias":
        yield _alias(call)
    elif kind in ("group", "delete"):
        yield Ignored(Why.OTHER_EVENT)
    else:
        yield Rejected(Reason.UNKNOWN_TYPE, "none of alias, group, identify, page, screen, track")


def _event(call: Tree, kind: str, own: Tree) -> Tree:
    """An event of ours, with who and when of the call, and what is its own."""
    customer, visitor = person(call.get("userId")), person(call.get("anonymousId"))
    emails = (inside(call, *path, "email") for path in (("traits",), ("context", "traits"), ("properties",)))
    return {
        "event_id": named(kind, first(reference(call.get("messageId")), digest(call))),
        "type": kind,
        "customer_id": customer,
        "anonymous_id": visitor if customer or visitor else person(call.get("rudderId")),
        "email": next(filter(None, map(address, emails)), None),
        **_when(call),
        **own,
    }


def _when(call: Tree) -> Tree:
    """Their `timestamp` is corrected already: with `sentAt` besides it would be corrected twice."""
    if (corrected := moment(call.get("timestamp"))) is not None:
        return {"occurred_at": corrected}
    if (said := moment(call.get("originalTimestamp"))) is not None:
        return {"occurred_at": said, "sent_at": moment(call.get("sentAt"))}
    return {"occurred_at": first(moment(call.get("receivedAt")), moment(call.get("sentAt")))}


def _browsing(call: Tree) -> Tree:
    page, campaign = within(call, "context", "page"), within(call, "context", "campaign")
    own = within(call, "properties") if word(call.get("type")) == "page" else {}
    return {
        "url": first(own.get("url"), page.get("url")),
        "referrer": first(own.get("referrer"), page.get("referrer")),
        "utm_source": text(campaign.get("source")),
        "utm_medium": text(campaign.get("medium")),
        "utm_campaign": text(campaign.get("name")),
        "device": text(first(inside(call, "context", "device", "type"), inside(call, "context", "os", "name"))),
        "locale": text(inside(call, "context", "locale")),
        "user_agent": inside(call, "context", "userAgent"),
        "ip": inside(call, "context", "ip"),
    }


def _track(call: Tree) -> Iterator[Said]:
    tell = _TRACKED.get(word(call.get("event")))
    yield Ignored(Why.OTHER_EVENT) if tell is None else tell(call, within(call, "properties"))


def _ordered(call: Tree, said: Tree) -> Said:
    """Without an order's own id, the call is the order."""
    total = _paid(said)
    own = {
        "order_id": _order_id(said) or first(reference(call.get("messageId")), digest(call)),
        "currency": _currency(said),
        "total": total,
        "lines": [_line(each, 0 if total is not None else None) for each in trees(said.get("products"))],
        "coupon": text(said.get("coupon")),
        "cart_id": reference(said.get("cart_id")),
    }
    return _event(call, "order_placed", own | ({} if total is not None else {"discount": micros(said.get("discount"))}))


def _paid(said: Tree) -> int | None:
    """What was paid for the products: after discounts, without shipping and taxes."""
    if (subtotal := micros(said.get("subtotal"))) is not None:
        return subtotal
    if (total := micros(said.get("total"))) is not None:
        return max(0, total - (micros(said.get("shipping")) or 0) - (micros(said.get("tax")) or 0))
    return micros(first(said.get("revenue"), said.get("value")))


def _refunded(call: Tree, said: Tree) -> Said:
    amount = micros(first(said.get("amount"), said.get("total"), said.get("revenue"), said.get("value")))
    own = {
        "order_id": _order_id(said),
        "refund_id": reference(said.get("refund_id")),
        "currency": _currency(said),
        "amount": amount,
        "lines": [_line(each, 0 if amount is not None else None) for each in trees(said.get("products"))],
    }
    return _event(call, "order_refunded", own)


def _cancelled(call: Tree, said: Tree) -> Said:
    return _event(call, "order_cancelled", {"order_id": _order_id(said), "currency": _currency(said)})


def _added(call: Tree, said: Tree) -> Said:
    own = {**_product(said), "category": text(said.get("category")), "unit_price": micros(said.get("price"))}
    return _cart(call, "cart_added", own | {"currency": currency(said.get("currency"))})


def _removed(call: Tree, said: Tree) -> Said:
    return _cart(call, "cart_removed", _product(said))


def _cart_viewed(call: Tree, said: Tree) -> Said:
    """A cart of which nothing is said is not an empty one."""
    if not isinstance(said.get("products"), list):
        return Ignored(Why.NO_NEWS)
    return _cart(call, "cart_updated", {"lines": [_product(each) for each in trees(said.get("products"))]})


def _checkout(call: Tree, said: Tree) -> Said:
    return _cart(call, "checkout_started", {"lines": [_product(each) for each in trees(said.get("products"))]})


def _cart(call: Tree, kind: str, own: Tree) -> Said:
    return _event(call, kind, {**_browsing(call), "cart_id": reference(inside(call, "properties", "cart_id")), **own})


def _viewed(call: Tree, said: Tree) -> Said:
    own = {
        "sku": _product(said)["sku"],
        "category": text(said.get("category")),
        "price": micros(said.get("price")),
        "currency": currency(said.get("currency")),
    }
    return _event(call, "product_viewed", _browsing(call) | own)


def _searched(call: Tree, said: Tree) -> Said:
    return _event(call, "searched", _browsing(call) | {"query": text(said.get("query"))})


_TRACKED: Mapping[str, Callable[[Tree, Tree], Said]] = {
    "ordercompleted": _ordered,
    "orderplaced": _ordered,
    "orderupdated": _ordered,
    "completedorder": _ordered,
    "orderrefunded": _refunded,
    "ordercancelled": _cancelled,
    "ordercanceled": _cancelled,
    "productadded": _added,
    "addedproduct": _added,
    "productremoved": _removed,
    "removedproduct": _removed,
    "cartviewed": _cart_viewed,
    "checkoutstarted": _checkout,
    "productviewed": _viewed,
    "viewedproduct": _viewed,
    "productssearched": _searched,
}
"""Their events by name (`values.word`), with the names of the first version of their specification."""


def _order_id(said: Tree) -> str | None:
    return reference(first(said.get("order_id"), said.get("orderId"), said.get("transaction_id")))


def _currency(said: Tree) -> object:
    return currency(first(said.get("currency"), *(each.get("currency") for each in trees(said.get("products")))))


def _product(said: Tree) -> Tree:
    """The numbers of a product, and how many; one without a sku is known by its other numbers."""
    numbers = {
        "variant": reference(first(said.get("variant_id"), said.get("variant"))),
        "product_id": reference(first(said.get("product_id"), said.get("productId"), said.get("id"))),
    }
    sku = first(reference(said.get("sku")), numbers["product_id"], numbers["variant"])
    return {"sku": sku, **known({**numbers, "quantity": pieces(said.get("quantity"))})}


def _line(said: Tree, otherwise: int | None) -> Tree:
    """An order's line; `otherwise` is its price if it says none."""
    price = micros(said.get("price"))
    own = {
        "category": text(said.get("category")),
        "unit_price": otherwise if price is None else price,
        "discount": micros(said.get("discount")),
    }
    return {"sku": UNKNOWN_SKU, "quantity": 1} | known(_product(said) | own)


def _identify(call: Tree) -> Iterator[Said]:
    """What is said of somebody, that a visitor is a customer, and a consent that stands among the traits."""
    said = within(call, "context", "traits") | within(call, "traits")
    traits = {name: _trait(name, each) for name, each in said.items()}
    yield _event(call, "identified", {"traits": traits})
    if person(call.get("userId")) and person(call.get("anonymousId")):
        yield _event(call, "linked", {})
    if (consent := consent_of(said)) is not None:
        yield _event(call, "consent_changed", {"channel": "email", **consent})


def _trait(name: str, value: object) -> object:
    """Dates are texts, however they came."""
    return moment(value) if word(name) in _DATES and not isinstance(value, str | bool | None) else value


def _alias(call: Tree) -> Said:
    """Somebody who had another id until now; the first of the two is a visitor's."""
    before, now = person(call.get("previousId")), person(call.get("userId"))
    if before is not None and before == now:
        return Ignored(Why.NO_NEWS)
    return _event(call, "linked", {"anonymous_id": before or person(call.get("anonymousId"))})
