"""Shopify's webhooks: orders, refunds, checkouts and customers, as posted or in EventBridge's envelope.

An order's message tells the order as it is now, and not what has changed. So each says all of it, at the time when it
was placed and at the time of the message: whatever comes late or again, the newest telling counts, on the order's day.
docs/adapters.md has the table of their fields and ours.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from streamproc.events.adapters.base import Adapted, Headers, adapter
from streamproc.events.adapters.reading import Said, Tree, adapted, first, inside, known, objects, trees, within
from streamproc.events.adapters.values import (
    TIME_UNKNOWN,
    address,
    decimal,
    digest,
    micros,
    moment,
    named,
    person,
    reference,
    text,
    word,
)
from streamproc.events.clickstream import MAX_CONTENT
from streamproc.events.ignored import Ignored, Why
from streamproc.events.json_text import Json
from streamproc.events.mending import UNKNOWN_SKU
from streamproc.events.rejected import Reason, Rejected

_TOPIC = "x-shopify-topic"
_NEVER_PAID = ("voided", "expired")
_TRAITS = ("email", "first_name", "last_name", "phone", "tags", "currency", "locale")
_PLACE = {"city": "city", "country": "country_code"}
_CONSENTS = {"email": "email_marketing_consent", "sms": "sms_marketing_consent"}
_GRANTED = {"subscribed": True, "unsubscribed": False, "redacted": False}


@adapter(
    "shopify",
    "line_items financial_status",
    "line_items abandoned_checkout_url",
    "refund_line_items transactions",
    "email_marketing_consent",
    "orders_to_redact",
)
def shopify(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Adapted, ...]:  # noqa: ARG001
    """What a webhook's body says; the header `X-Shopify-Topic` names its kind, without it the fields tell."""
    topic = next((said for name, said in headers if name.lower() == _TOPIC and said), b"")
    return adapted(value, partial(says, topic=topic.decode(errors="replace")))


def says(said: Json, topic: str = "") -> Iterator[Said]:
    """What a message says, in our format."""
    return objects(said, partial(_webhook, topic))


def _webhook(topic: str, said: Tree) -> Iterator[Said]:
    if payload := within(said, "detail", "payload"):
        metadata = {name.lower(): each for name, each in within(said, "detail", "metadata").items()}
        said, topic = payload, first(text(metadata.get(_TOPIC)), topic)
    if (told := _TOPICS.get(topic) if topic else _known_by_fields(said)) is not None:
        yield from told(said)
    elif topic:
        yield Ignored(Why.OTHER_EVENT)
    else:
        yield Rejected(Reason.UNKNOWN_TYPE, "none of checkout, customer, order, refund")


def _known_by_fields(said: Tree) -> Callable[[Tree], Iterator[Said]] | None:
    if "refund_line_items" in said:
        return _refund
    if "line_items" in said:
        return _order if "financial_status" in said else _checkout if "abandoned_checkout_url" in said else None
    if "orders_to_redact" in said:
        return _redacted
    if "order_edit" in said:
        return _edited
    return _customer if said.keys() & {*_CONSENTS.values(), "accepts_marketing", "verified_email"} else None


def _who(said: Tree) -> Tree:
    """The customer, also by the address; nobody of a guest's order without one."""
    emails = (said.get("email"), said.get("contact_email"), inside(said, "customer", "email"))
    return {
        "customer_id": person(inside(said, "customer", "id")),
        "email": next(filter(None, map(address, emails)), None),
    }


def _order(said: Tree) -> Iterator[Said]:
    if said.get("test") is True:
        yield Ignored(Why.TEST)
        return
    about = {"order_id": reference(said.get("id")), "currency": said.get("currency"), **_who(said)}
    placed, told = (moment(said.get(name)) for name in ("created_at", "updated_at"))
    cancelled = moment(said.get("cancelled_at"))
    if cancelled is None and said.get("financial_status") in _NEVER_PAID:
        cancelled = first(told, placed)
    content = about | _content(said, is_whole=cancelled is not None)
    for at in dict.fromkeys((placed, told or placed)):
        yield _event("order_placed", at, content, said.get("id"), at)
    if cancelled is not None:
        yield _event("order_cancelled", cancelled, about, said.get("id"))
    for refund in trees(said.get("refunds")):
        yield from (each for each in _refund(refund, about) if isinstance(each, dict))


def _edited(_: Tree) -> Iterator[Said]:
    """What was added and removed; `orders/updated` comes with it and tells the order as it is now."""
    yield Ignored(Why.NO_NEWS)


def _event(kind: str, at: str | None, own: Tree, *by: object) -> Tree:
    """An event that is known by an id of theirs, without one by what it says."""
    known_by = by if by[0] is not None else (digest(own), *by[1:])
    return {"event_id": named(kind, *known_by), "type": kind, "occurred_at": at, **own}


def _content(said: Tree, *, is_whole: bool) -> Tree:
    """The lines, and what was paid for them; of a cancelled order (`is_whole`) as it was before.

    What was taken out of the order later was never paid. What was given back was, and is told by the refunds.
    """
    items = trees(said.get("line_items"))
    kept = [_pieces(item, None if is_whole else _given_back_pieces(said)) for item in items]
    lines = [_line(item, pieces) for item, pieces in zip(items, kept, strict=True) if pieces != 0]
    is_as_ordered = all(pieces == item.get("quantity") for item, pieces in zip(items, kept, strict=True))
    total = micros(said.get("subtotal_price")) if lines else 0
    return {
        "lines": lines,
        "total": total if not lines or (is_as_ordered and not any(map(_is_gift_card, items))) else None,
        "coupon": text(inside(next(iter(trees(said.get("discount_codes"))), {}), "code")),
        "cart_id": reference(first(said.get("cart_token"), said.get("checkout_token"))),
    }


def _given_back_pieces(order: Tree) -> Mapping[str | None, int]:
    """Of each line, how many pieces were given back for money."""
    pieces: dict[str | None, int] = {}
    for refund in trees(order.get("refunds")):
        for item in trees(refund.get("refund_line_items")) if _payments(refund) else ():
            line = reference(item.get("line_item_id"))
            pieces[line] = pieces.get(line, 0) + int(decimal(item.get("quantity")) or 0)
    return pieces


def _pieces(item: Tree, given_back: Mapping[str | None, int] | None) -> Any:
    """How many were bought: `current_quantity` is without those that were taken out, and those that were given back."""
    current = decimal(item.get("current_quantity"))
    if given_back is None or current is None:
        return item.get("quantity")
    return max(0, int(current) + given_back.get(reference(item.get("id")), 0))


def _line(item: Tree, pieces: Any) -> Tree:
    """A gift card is no revenue before something is bought with it."""
    allocated = [micros(each.get("amount")) or 0 for each in trees(item.get("discount_allocations"))]
    discount = sum(allocated) if allocated else micros(item.get("total_discount")) or 0
    ordered = decimal(item.get("quantity"))
    if ordered and ordered > 0 and isinstance(pieces, int):
        discount = int(discount * pieces / ordered)
    own = {
        "unit_price": 0 if _is_gift_card(item) else _shop_money(item, "price"),
        "discount": 0 if _is_gift_card(item) else discount,
        "category": "gift_card" if _is_gift_card(item) else None,
    }
    return {"sku": UNKNOWN_SKU} | known({**_product(item), "quantity": pieces, **own})


def _is_gift_card(item: Tree) -> bool:
    return item.get("gift_card") is True


def _shop_money(said: Tree, name: str) -> int | None:
    """An amount in the shop's own currency, not in that which the customer saw."""
    return micros(first(inside(said, f"{name}_set", "shop_money", "amount"), said.get(name)))


def _product(item: Tree) -> Tree:
    variant, product = reference(item.get("variant_id")), reference(item.get("product_id"))
    return known(
        {"sku": first(reference(item.get("sku")), variant, product), "variant": variant, "product_id": product}
    )


def _refund(said: Tree, about: Tree | None = None) -> Iterator[Said]:
    """What was really paid back; `about` is what the order's message says of the order."""
    payments = _payments(said)
    if not payments:
        is_test = any(each.get("test") is True for each in trees(said.get("transactions")))
        yield Ignored(Why.TEST if is_test else Why.NO_MONEY)
        return
    of_order = about or {"order_id": reference(said.get("order_id"))}
    money = {"amount": sum(amount for amount, _ in payments), "currency": payments[0][1] or of_order.get("currency")}
    at = moment(first(said.get("processed_at"), said.get("created_at")))
    refund = reference(said.get("id"))
    yield _event("order_refunded", at, {**of_order, "refund_id": refund, **money}, refund)


def _payments(refund: Tree) -> list[tuple[int, object]]:
    """The payments back that succeeded, all in one currency."""
    paid = [
        (amount, first(inside(each, "amount_set", "shop_money", "currency_code"), each.get("currency")))
        for each in trees(refund.get("transactions"))
        if (each.get("kind"), each.get("status")) == ("refund", "success") and each.get("test") is not True
        if (amount := _shop_money(each, "amount"))
    ]
    return [each for each in paid if each[1] == paid[0][1]]


def _checkout(said: Tree) -> Iterator[Said]:
    """What somebody is about to buy; when it is bought, the order says so."""
    who = _who(said)
    if said.get("completed_at") is not None:
        yield Ignored(Why.NO_NEWS)
    elif not any(who.values()):
        yield Ignored(Why.NOBODY)
    else:
        at = moment(first(said.get("updated_at"), said.get("created_at")))
        lines = [{**_product(item), "quantity": item.get("quantity")} for item in trees(said.get("line_items"))]
        cart = reference(first(said.get("cart_token"), said.get("token")))
        own = {**who, "cart_id": cart, "lines": lines[:MAX_CONTENT]}
        yield _event("checkout_started", at, own, first(said.get("token"), said.get("id")), at)


def _customer(said: Tree) -> Iterator[Said]:
    """What is known of a customer, and what they allow; `customer_id` stands there if only a consent is told."""
    at = moment(first(said.get("updated_at"), said.get("created_at")))
    customer = person(first(said.get("id"), said.get("customer_id")))
    who = {"customer_id": customer, "email": address(first(said.get("email"), said.get("email_address")))}
    traits = {name: said[name] for name in _TRAITS if name in said}
    home = within(said, "default_address")
    traits |= {name: home[theirs] for name, theirs in _PLACE.items() if theirs in home}
    if traits:
        yield _event("identified", at, {**who, "traits": traits}, first(*who.values()), at)
    for channel, name in _CONSENTS.items():
        yield from _consent(who, channel, within(said, name), at)
    if "accepts_marketing" in said and _CONSENTS["email"] not in said:
        changed = moment(said.get("accepts_marketing_updated_at"))
        state = "subscribed" if said["accepts_marketing"] is True else "unsubscribed"
        if state == "subscribed" or (changed is not None and changed != moment(said.get("created_at"))):
            yield from _consent(who, "email", {"state": state, "consent_updated_at": changed}, at)


def _consent(who: Tree, channel: str, said: Tree, at: str | None) -> Iterator[Said]:
    """Who was never asked, or has not confirmed yet, has said nothing."""
    granted = _GRANTED.get(word(said.get("state")))
    if granted is not None:
        at = first(moment(said.get("consent_updated_at")), at, None if granted else TIME_UNKNOWN)
        own = {**who, "channel": channel, "granted": granted}
        yield _event("consent_changed", at, own, first(*who.values()), channel, word(said.get("state")), at)


def _redacted(said: Tree) -> Iterator[Said]:
    """The wish to be forgotten; it says no time of its own."""
    who = _who(said)
    yield _event("erasure_requested", TIME_UNKNOWN, who, first(*who.values()))


_TOPICS: Mapping[str, Callable[[Tree], Iterator[Said]]] = {
    **{f"orders/{each}": _order for each in ("create", "paid", "updated", "cancelled", "fulfilled")},
    "orders/edited": _edited,
    "refunds/create": _refund,
    **{f"checkouts/{each}": _checkout for each in ("create", "update")},
    **{f"customers/{each}": _customer for each in ("create", "update", "enable", "disable")},
    "customers_email_marketing_consent/update": _customer,
    "customers_marketing_consent/update": _customer,
    "customers/redact": _redacted,
}
