"""Whose an event is: keys that tell apart what kind of id somebody is known by, whatever ids the shop gives them.

A producer may choose any id, and a page in a browser may choose one that somebody else has. So a key of the customer
log, and with it of a state and of a decision, says first what kind of id it is: visitor `a/ada` is not customer
`c/ada`. Who a visitor, an order, a message or an address turns out to be is for decide to find out.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

from streamproc.events.base import RawEvent
from streamproc.events.catalogue import ProductChanged
from streamproc.events.email import MessageEvent
from streamproc.events.purchase import PurchaseEvent


class Kind(StrEnum):
    """What an id names; the value is how keys begin, and `prefix` all of a key before the id."""

    CUSTOMER = "c"
    VISITOR = "a"
    GUEST_ORDER = "o"
    MESSAGE = "m"
    ADDRESS = "e"
    PRODUCT = "s"

    def __init__(self, letter: str) -> None:
        self.prefix = letter + "/"

    def has(self, key: str) -> bool:
        """Whether the key is of this kind, without parsing the rest of it."""
        return key.startswith(self.prefix)

    def key(self, name: str) -> str:
        """The key of an id of this kind."""
        return self.prefix + name


NAMES_ONLY = (Kind.MESSAGE, Kind.ADDRESS)
"""Nobody is known by these alone: what comes under them waits for its customer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer, an anonymous visitor, an order of a guest, a message or an address of somebody, or a product.

    >>> Subject(Kind.VISITOR, "c/ada").key, Subject.of_key("a/c/ada").id
    ('a/c/ada', 'c/ada')
    """

    kind: Kind
    id: str

    @property
    def key(self) -> str:
        """The key in the customer log."""
        return self.kind.key(self.id)

    @classmethod
    @lru_cache(maxsize=4096)
    def of_key(cls, key: str) -> Self:
        """The subject of a key.

        Raises:
            ValueError: it is no key of the customer log.
        """
        kind, _, name = key.partition("/")
        if not name:
            raise ValueError(f"{key!r} is no key: write c/<customer id>, a/<anonymous id> or o/<order id>")
        return cls(Kind(kind), name)

    @property
    def customer_id(self) -> str | None:
        """The customer's id, None if it is none."""
        return self.id if self.kind is Kind.CUSTOMER else None

    @property
    def anonymous_id(self) -> str | None:
        """The visitor's id, None if it is none."""
        return self.id if self.kind is Kind.VISITOR else None


def has_subject(event: RawEvent) -> bool:
    """Whether the event says whose it is; a guest's order is its own subject."""
    if event.NEEDS:
        return all(getattr(event, name) for name in event.NEEDS)
    return bool(
        event.customer_id
        or event.anonymous_id
        or event.email
        or isinstance(event, PurchaseEvent)
        or (isinstance(event, MessageEvent) and event.message_id)
    )


def subject_of(event: RawEvent) -> Subject:
    """Whose event it is: the customer's, else the visitor's, the product's, order's, message's or address's own.

    Raises:
        ValueError: the event has no subject; parsing would have rejected it.
    """
    if event.customer_id:
        return Subject(Kind.CUSTOMER, event.customer_id)
    if event.anonymous_id:
        return Subject(Kind.VISITOR, event.anonymous_id)
    if isinstance(event, ProductChanged):
        return Subject(Kind.PRODUCT, event.sku)
    if isinstance(event, PurchaseEvent):
        return Subject(Kind.GUEST_ORDER, event.order_id)
    if isinstance(event, MessageEvent) and event.message_id:
        return Subject(Kind.MESSAGE, event.message_id)
    if event.email:
        return Subject(Kind.ADDRESS, event.email)
    raise ValueError("event has neither customer_id, anonymous_id nor email")


def keys_of(event: RawEvent) -> tuple[str, ...]:
    """The keys under which an event goes into the customer log: its subject's, mostly.

    One that names only an order or a message goes under the address that it names, too: whoever is behind one of the
    two gets it, once.

    Raises:
        ValueError: the event has no subject.
    """
    if event.customer_id:
        return (Kind.CUSTOMER.key(event.customer_id),)
    subject = subject_of(event)
    if event.email and subject.kind in (Kind.GUEST_ORDER, Kind.MESSAGE):
        return subject.key, Kind.ADDRESS.key(event.email)
    return (subject.key,)
