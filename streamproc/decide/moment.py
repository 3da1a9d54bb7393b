"""The moment of a decision: one customer, one entry, and what has been found out so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from streamproc.customer.difference import Difference
from streamproc.customer.features import Feature, Features
from streamproc.customer.folds.messaging import changes_of
from streamproc.customer.ledger.movements import Movement, difference
from streamproc.customer.ledger.record import order_digest
from streamproc.customer.ledger.table import find
from streamproc.customer.ledger.telling import is_correction, told
from streamproc.customer.messages.happenings import Happening
from streamproc.customer.messages.record import told_by
from streamproc.customer.messages.table import NO_MESSAGES
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.decide.shared import ALONE, Shared
from streamproc.events.decisions import CustomerTagged, Offer, SegmentChange
from streamproc.events.email import MessageEvent
from streamproc.events.log import LogEntry, ProfileMoved, TimerDue
from streamproc.events.purchase import PurchaseEvent
from streamproc.events.subject import Subject
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank, Scored

CORRECTED = "corrected"
"""What happened if an order, a refund or a cancellation was told anew, with something else in it, or a profile came."""

BY_MACHINE = "by_machine"
"""What happened if a machine opened or followed a message: nothing that anybody did."""

SEGMENTS = "segments_changed"
"""What trigger rules wake on that wait for a change of segments."""

OFFERED = "offer_chosen"
"""What trigger rules wake on that wait for a chosen offer."""


@dataclass(slots=True)
class Moment:
    """What the parts of `step` work on.

    Attributes:
        before: the customer as known before the entry, None for a new one.
        customer: the customer after it; the parts of the step assign to its fields, nobody else holds it.
        entry: what happened.
        bank: the released models.
        plan_version: the version of the configuration.
        functions: the features that there are.
        shared: what the customers of a partition share: budgets of offers, and products.
        scored: the scores computed in this step, by model.
        changes: the changes of segments and tags of this step.
        offer: the offer chosen in this step.
        now_ms: the entry's event time.
        newest_ms: when the customer has been looked at last: what is told late takes nobody back behind it.
        features: the customer's features now.
    """

    before: Customer | None
    customer: Customer
    entry: LogEntry
    bank: ModelBank
    plan_version: str
    functions: Mapping[str, Feature]
    shared: Shared = ALONE
    scored: dict[str, Scored] = field(default_factory=dict)
    changes: Sequence[CustomerTagged | SegmentChange] = ()
    offer: Offer | None = None
    now_ms: int = field(init=False)
    newest_ms: int = field(init=False)
    features: Features = field(init=False)
    _happened: str | None = field(default=None, init=False)
    _message_changes: Difference[Happening] | None = field(default=None, init=False)
    _order_changes: Difference[Movement] | None = field(default=None, init=False)
    _subject: Subject | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.now_ms = self.entry.at_ms
        seen_ms = self.before.last_seen_ms if self.before else self.now_ms  # the state may have been erased just now
        self.newest_ms = max(self.entry.known_ms, self.customer.last_seen_ms, seen_ms)
        bank = self.bank
        view = CustomerView(self.customer, self.now_ms, bank.figures, bank.clusters)
        self.features = Features(view, self.functions)

    @property
    def happened(self) -> str:
        """The type of the entry's event, as rules wait for it; `CORRECTED`, `BY_MACHINE`: it is no occasion."""
        if self._happened is None:  # as `cached_property`, which takes a lock for each moment
            self._happened = self._what_happened()
        return self._happened

    def _what_happened(self) -> str:
        event = self.entry.event
        if isinstance(event, PurchaseEvent) and self.before and is_correction(self.before.ledger, event):
            return CORRECTED
        if isinstance(event, ProfileMoved):
            return CORRECTED
        if isinstance(event, MessageEvent):
            told = told_by(event, self.now_ms)
            is_by_person = any(each.by_person for each in self.message_changes.told if each.told == told)
            return event.type if is_by_person else BY_MACHINE
        return event.type

    @property
    def message_changes(self) -> Difference[Happening]:
        """What the entry changes in what is known to have happened to its message; nothing if it is of none."""
        if self._message_changes is None:
            self._message_changes = self._changes_of_message()
        return self._message_changes

    @property
    def order_changes(self) -> Difference[Movement]:
        """What the entry changes in the sums of its order; nothing if it is of none."""
        if self._order_changes is None:
            self._order_changes = self._changes_of_order()
        return self._order_changes

    def _changes_of_order(self) -> Difference[Movement]:
        event = self.entry.event
        if not isinstance(event, PurchaseEvent):
            return Difference((), ())
        digest = order_digest(event.order_id)
        before = find(self.before.ledger, digest) if self.before else None
        after = find(self.customer.ledger, digest)  # None: newer orders have taken its place at once
        return difference(before, after or told(before, event, self.now_ms))

    def _changes_of_message(self) -> Difference[Happening]:
        event = self.entry.event
        if not isinstance(event, MessageEvent):
            return Difference((), ())
        return changes_of(self.before.messages if self.before else NO_MESSAGES, event, self.now_ms)[1]

    @property
    def subject(self) -> Subject:
        """Who it is, as decisions name them."""
        if self._subject is None:
            self._subject = Subject.of_key(self.entry.key)
        return self._subject

    @property
    def newest_features(self) -> Features:
        """The customer's features at that moment."""
        if self.newest_ms == self.now_ms:
            return self.features
        return Features(self.features.view.at(self.newest_ms), self.functions)

    @property
    def at(self) -> str:
        """The entry's event time as decisions write it."""
        return rfc3339(self.entry.at_ms)

    def is_due(self, timer: str) -> bool:
        """Whether this entry is that timer running out."""
        event = self.entry.event
        return isinstance(event, TimerDue) and event.name == timer

    def is_stale(self, max_age_ms: int) -> bool:
        """Whether this was told too long after it happened to be an occasion for anything."""
        return self.entry.is_backfill or self.entry.age_ms > max_age_ms

    def set_timer(self, name: str, due_ms: int | None) -> None:
        """Set a timer of the customer, move it, or with None take it away."""
        timers = self.customer.timers
        if timers.get(name) == due_ms:
            return
        timers = self.customer.timers = timers.copy()
        timers.pop(name, None)
        if due_ms is not None:
            timers[name] = due_ms

    def decision_id(self, rule: str) -> str:
        """The id of what a rule decides now: a function of the log position, so the same in every replay."""
        entry = self.entry
        text = f"{entry.position}|{entry.key}|{entry.at_ms}|{rule}"
        return blake2b(text.encode(), digest_size=16).hexdigest()


Values = Mapping[str, float | str | None]
