"""By which other ids a customer is known: what an event says of that, and what was claimed already."""

from collections.abc import Iterator

from streamproc.customer.ledger.record import order_digest
from streamproc.customer.ledger.table import find as find_order
from streamproc.customer.messages.record import message_digest
from streamproc.customer.messages.table import NO_MESSAGES
from streamproc.customer.messages.table import is_known as is_known_message
from streamproc.customer.state import Claim, Customer
from streamproc.events.base import RawEvent
from streamproc.events.email import MessageEvent
from streamproc.events.profile import Merged, Unlinked
from streamproc.events.purchase import PurchaseEvent
from streamproc.events.raw import FAMILY_OF
from streamproc.events.subject import Kind
from streamproc.events.times import DAY_MS

MAX_CLAIMS = 64
AGAIN_MS = 30 * DAY_MS
"""A key that is used goes on standing for its customer: it is claimed again this long after the last time."""


def claimed_keys(before: Customer | None, customer: Customer, event: RawEvent, at_ms: int) -> Iterator[str]:
    """The keys that an event shows to be the customer's (or visitor's), as far as that is news.

    A page in a browser may name any address, so of browsing only the visitor's own id counts.
    """
    for key in _ids(event):
        if key != customer.key and _is_news(customer, key, at_ms):
            yield key
    if isinstance(event, PurchaseEvent):
        known = find_order(before.ledger, order_digest(event.order_id)) if before else None
        key = Kind.GUEST_ORDER.key(event.order_id)
        if known is None and key != customer.key:
            yield key
    if isinstance(event, MessageEvent) and event.message_id:
        messages = before.messages if before else NO_MESSAGES
        if not is_known_message(messages, message_digest(event.message_id)):
            yield Kind.MESSAGE.key(event.message_id)


def _ids(event: RawEvent) -> Iterator[str]:
    if event.anonymous_id and event.customer_id and not isinstance(event, Unlinked):
        yield Kind.VISITOR.key(event.anonymous_id)
    if isinstance(event, Merged):
        yield Kind.CUSTOMER.key(event.merged_customer_id)
    if event.email and FAMILY_OF[type(event)] != "clickstream":
        yield Kind.ADDRESS.key(event.email)


def _is_news(customer: Customer, key: str, at_ms: int) -> bool:
    """Not yet claimed, or long ago; what was given up later than this is not claimed again."""
    known = customer.claims.get(key)
    if known is None:
        return True
    return at_ms >= known.at_ms + AGAIN_MS if known.holds else at_ms > known.at_ms


def with_claim(customer: Customer, key: str, claim: Claim) -> None:
    """Remember it; of messages and orders the state remembers otherwise, and the oldest claims are forgotten."""
    if Kind.MESSAGE.has(key) or Kind.GUEST_ORDER.has(key):
        return
    claims = {**customer.claims, key: claim}
    while len(claims) > MAX_CLAIMS:
        del claims[min(claims, key=lambda each: (claims[each].at_ms, each))]
    customer.claims = claims
