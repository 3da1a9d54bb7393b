"""The state of one customer: everything that decide remembers between two events, bounded for any customer.

Times are epoch milliseconds (UTC), money is in micros. A state is never changed once somebody else holds it: the
fold works on a copy of its own and replaces the containers in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from streamproc.customer.cart import Cart, cart_of
from streamproc.customer.cart_acts import NO_ACTS, CartActs
from streamproc.customer.journeys import JourneyInstances
from streamproc.customer.ledger.table import NO_ORDERS, Ledger
from streamproc.customer.messages.table import NO_MESSAGES, Messages
from streamproc.customer.open_offers import OpenOffer
from streamproc.customer.purchases import NO_PURCHASES, Purchases
from streamproc.customer.questions import NO_QUESTIONS, Questions
from streamproc.customer.reach import Reach
from streamproc.customer.recent_ids import RecentIds
from streamproc.customer.sendings import NO_SENDINGS, Sendings
from streamproc.customer.sightings import NO_SIGHTINGS, Sightings
from streamproc.customer.windows import EMPTY_BUCKETS, Buckets
from streamproc.events.calendar import UTC_ZONE
from streamproc.events.subject import Kind

_GUEST = Kind.GUEST_ORDER.prefix
MAX_TRAITS = 32
MAX_TRAITS_BYTES = 8192
MAX_TRAITS_GONE = 8
MAX_TAGS = 32
MAX_WAITING = 8
MAX_AWAITED = 24
MAX_QUESTIONS = 12
MAX_CONSENTS = 16
MAX_TOTAL_MICROS = 2**63 - 1
"""Sums of money stop here: a larger number could not be stored, and its customer's partition would stand still."""
MAX_CAMPAIGN_CHARS = 128
MAX_STATE_BYTES = 192 * 1024
"""No sequence of events makes an encoded state larger (`tests/customer/test_bounds.py`); Kafka takes 1 MiB."""


class Session(NamedTuple):
    """A session: ends after 30 minutes of silence, after 24 hours, or when the campaign changes."""

    started_ms: int
    last_ms: int
    views: int
    campaign: str | None


class Consent(NamedTuple):
    """What the customer said last about a purpose on a channel."""

    granted: bool
    at_ms: int


class TagWord(NamedTuple):
    """What was said of a tag last: that it is given, or taken away; `source` says by whom: `event` or `import`."""

    at_ms: int
    given: bool
    source: str


class Fired(NamedTuple):
    """When a trigger was last emitted, and for which cart, order or other correlation."""

    at_ms: int
    correlation: str


class Waiting(NamedTuple):
    """A trigger that the policy has put off: it is decided again at `until_ms`.

    Attributes:
        trigger: the rule's name.
        correlation: which cart, order, product or log position it is about.
        since_ms: when its occasion was (epoch ms).
        until_ms: when it is decided again.
        reason: why it was put off.
        values: the numbers that made it fire.
    """

    trigger: str
    correlation: str
    since_ms: int
    until_ms: int
    reason: str
    values: dict[str, float]


class Awaited(NamedTuple):
    """What a rule awaits for one order, product or message (`customer/awaited.py`).

    Attributes:
        rule: the rule's name.
        key: the id of the order or message, or the sku.
        begun_ms: when the delay began last (epoch ms), -1: it has not.
        ended_ms: when what is awaited happened last, -1: it has not.
        has_fired: the delay ran out, and the rule has said so.
    """

    rule: str
    key: str
    begun_ms: int
    ended_ms: int
    has_fired: bool

    @property
    def is_running(self) -> bool:
        """Whether the delay has begun, and nothing has ended it."""
        return self.begun_ms >= 0 and self.ended_ms < self.begun_ms and not self.has_fired


class Claim(NamedTuple):
    """When another key was claimed as the customer's last, or (`holds` is false) given up; epoch ms."""

    at_ms: int
    holds: bool


class LastScore(NamedTuple):
    """What a model said last: a probability, or a number in the unit of its prediction."""

    value: float
    at_ms: int
    model_version: str


@dataclass(slots=True)
class Customer:
    """The state. `key` says whose it is: a customer's, a visitor's, or a guest order's (`events/subject.py`).

    Attributes:
        applied_offset: the last event of the customer log that is in here.
        orders, revenue_micros: paid orders ever, before returns; `refunds`, `refunded_micros` what went back.
        ledger: what was told of each of the newest orders (`customer/ledger/`); the numbers above are its sums, and
            those of the orders that have left it.
        days, hours: rolling counts, for a year and a day back (`customer/windows.py`).
        carts, sessions: how many there were ever; `session` is the present one.
        cart_acts: what was done with carts of late (`customer/cart.py`); the cart is what that comes to.
        messages: what was told of each of the last 40 (`customer/messages/`).
        consents: the last word for each purpose and channel; `consents_else`: what would be the last word without
            the unsubscriptions of remembered messages, where there are any: one may turn out to be a machine's.
        tags, segments, offered: name to the time since when, or when last (epoch ms).
        tag_words: what was said of tags (`customer/tags.py`); the others are given by rules.
        timers: name to when it runs out (epoch ms).
        fired: when each trigger went out last; `crossed`: which thresholds are crossed, since when;
            `awaited_seen`: when the event that a rule waits for happened last.
        questions: what was asked and is not answered yet; `scores`: what each model said last; `occasions`: when what
            is asked once, at a trigger's first occasion, was asked (epoch ms).
        recent_ids: what is remembered of event ids by family of events, to drop a producer's repeats
            (`customer/recent_ids.py`). Each family has its own: no page can make others' ids forgotten.
        counts: what declared features count, by the digest of their definition (`customer/declared/counting.py`).
        zone: the time zone by whose days the rolling counts are kept.
        trait_times: when each trait was said, also of those that were taken away; `trait_sources`: by what system,
            if it said so.
        reach: what bounced on each channel, and what went well (`customer/reach.py`).
        claims: by which visitors' ids, addresses and customers' ids else the customer is known (`customer/claims.py`).
        open_offers: offers whose reward is not known yet (`customer/open_offers.py`).
        sendings: what was sent, and what came of it (`customer/sendings.py`).
        awaited: what rules await for one order, product or message.
        responses: what the customer opened and clicked, by hours of the day and by channel (`customer/responses.py`).
        sightings: which products were seen of late, if a rule asks for it (`customer/sightings.py`).
        interests: categories, devices and discounts, if the configuration asks for them (`customer/interests.py`).
        waiting: triggers that are put off; `refused`: why a rule that waits for better times, or a
            journey's message, was refused last.
        purchases: what was bought, where products are ranked (`customer/purchases.py`).
        journeys: where the customer is on journeys (`customer/journeys.py`); `journey_texts`: the definitions that
            they follow, by their digests.
        is_shared: a visitor's id that too many customers have used: it stands for none of them.
        erased_ms: the customer was erased then: nothing that happened until then is ever taken up again.

    `later` holds the fields that the next version of the state has and this release does not know: they are written
    as they were read, so that a roll-back by one release loses nothing (docs/adr/0007-state-versions.md).
    """

    key: str
    first_seen_ms: int
    last_seen_ms: int
    is_identified: bool = False
    applied_offset: int = -1
    orders: int = 0
    revenue_micros: int = 0
    refunds: int = 0
    refunded_micros: int = 0
    first_order_ms: int | None = None
    last_order_ms: int | None = None
    days: Buckets = EMPTY_BUCKETS
    hours: Buckets = EMPTY_BUCKETS
    carts: int = 0
    session: Session | None = None
    sessions: int = 0
    consents: dict[str, Consent] = field(default_factory=dict)
    consents_else: dict[str, Consent | None] = field(default_factory=dict)
    traits: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)
    fired: dict[str, Fired] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)
    crossed: dict[str, int] = field(default_factory=dict)
    scores: dict[str, LastScore] = field(default_factory=dict)
    recent_ids: dict[str, RecentIds] = field(default_factory=dict)
    counts: dict[str, Buckets] = field(default_factory=dict)
    zone: str = UTC_ZONE
    erased_ms: int | None = None
    awaited_seen: dict[str, int] = field(default_factory=dict)
    trait_times: dict[str, int] = field(default_factory=dict)
    reach: dict[str, Reach] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    is_shared: bool = False
    open_offers: tuple[OpenOffer, ...] = ()
    tag_words: dict[str, TagWord] = field(default_factory=dict)
    sendings: Sendings = NO_SENDINGS
    waiting: tuple[Waiting, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    awaited: tuple[Awaited, ...] = ()
    responses: Buckets = EMPTY_BUCKETS
    purchases: Purchases = NO_PURCHASES
    journeys: JourneyInstances = ()
    journey_texts: dict[str, str] = field(default_factory=dict)
    sightings: Sightings = NO_SIGHTINGS
    interests: Mapping[str, Buckets] = field(default_factory=dict)
    trait_sources: dict[str, str] = field(default_factory=dict)
    occasions: dict[str, int] = field(default_factory=dict)
    ledger: Ledger = NO_ORDERS
    cart_acts: CartActs = NO_ACTS
    messages: Messages = NO_MESSAGES
    questions: Questions = NO_QUESTIONS
    later: tuple[Any, ...] = ()

    @property
    def is_guest(self) -> bool:
        """A guest's order: counted for the shop, but there is nobody to send anything to."""
        return self.key.startswith(_GUEST)

    @property
    def cart(self) -> Cart | None:
        """The cart, without what was ordered."""
        return cart_of(self.key, self.cart_acts)

    @property
    def next_due_ms(self) -> int | None:
        """When the first of the timers runs out."""
        return min(self.timers.values()) if self.timers else None

    def copy(self) -> "Customer":
        """A copy whose fields may be replaced; the containers are shared and must be replaced, not changed."""
        return Customer(*_VALUES(self))


_ALL_FIELDS = tuple(f.name for f in fields(Customer))
SECTIONS = ("ledger", "cart_acts", "messages", "questions")
"""The fields that stay in bytes until somebody looks (`customer/section.py`), in the order of the encoding."""
FIELDS = _ALL_FIELDS[: -1 - len(SECTIONS)]
"""The other fields of this version, in the order of the encoding."""

_VALUES = attrgetter(*_ALL_FIELDS)
