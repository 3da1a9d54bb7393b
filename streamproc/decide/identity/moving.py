"""A profile that moves to somebody else's: what it becomes there, and what KPIs counted of it.

Where it leaves, its orders, visits and carts are taken back; where it arrives, they are told as that customer's, as far
as they were not told of that customer already. So each is counted once, whatever was known of the two.
"""

from collections import Counter
from collections.abc import Iterator

from streamproc.customer.cart import carts_begun
from streamproc.customer.cart_acts import NO_ACTS
from streamproc.customer.folds.messaging import set_consent
from streamproc.customer.folds.uniting import united
from streamproc.customer.ledger.movements import difference, movements
from streamproc.customer.ledger.table import NO_ORDERS, find
from streamproc.customer.ledger.telling import joined
from streamproc.customer.state import Customer
from streamproc.customer.windows import KEEP_DAYS, Metric
from streamproc.decide.facts import OrderFacts, decided, fact_for, visit
from streamproc.decide.identity.who import moved_profile
from streamproc.decide.moment import Moment
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.segments.groups import leave_groups
from streamproc.events.calendar import moment_of
from streamproc.events.facts import Fact
from streamproc.events.log import LogEntry, ProfileMoved
from streamproc.events.subject import Kind
from streamproc.models.labels import with_question
from streamproc.models.releases.bank import ModelBank


def taken_in(state: Customer | None, entry: LogEntry, event: ProfileMoved, plan: Plan) -> Customer:
    """The customer with the profile that has come; of an erased one nothing of before counts but refusals."""
    moved = moved_profile(event)
    known = state or Customer(entry.key, moved.first_seen_ms, moved.last_seen_ms)
    if known.erased_ms is not None and moved.last_seen_ms <= known.erased_ms:
        after = known.copy()
        for key, consent in moved.consents.items():
            if not consent.granted:
                set_consent(after, key, consent)
    else:
        after = united(known, moved, plan.declared.kept)
        for question in sorted(moved.questions):
            after.questions = with_question(after.questions, question)
    after.is_identified = known.is_identified or Kind.CUSTOMER.has(entry.key)
    after.applied_offset, after.zone = entry.offset, plan.shop.zone
    return after


def leaving(customer: Customer, moved: Customer | None, entry: LogEntry, plan: Plan) -> Outcome:
    """What is said of somebody of whom nothing is known under their key any more, since the profile (if any) moved."""
    moment = Moment(customer, customer, entry, ModelBank(b"", {}), plan.version, plan.functions)
    changes = leave_groups(moment)
    facts = facts_of_leaving(moved) if moved else ()
    return Outcome(None, changes, facts=(*facts, *(fact for each in changes for fact in decided(moment, each))))


def facts_of_leaving(customer: Customer) -> tuple[Fact, ...]:
    """What was counted of a profile is taken back, the newest order first."""
    told = [movement for record in customer.ledger for movement in movements(record)]
    orders = OrderFacts(customer, customer.zone, is_guest=customer.is_guest)
    facts = [orders.fact(movement, taken_back=True) for movement in sorted(told, key=lambda m: m.at_ms, reverse=True)]
    if not customer.is_guest:
        facts += [visit(moment_of(day, customer.zone), taken_back=True) for day in _days(customer)]
        facts += [_cart(at_ms, taken_back=True) for _, at_ms in carts_begun(customer.key, customer.cart_acts)]
    return tuple(facts)


@fact_for(ProfileMoved)
def facts_of_arriving(moment: Moment, event: ProfileMoved) -> tuple[Fact, ...]:
    """What is counted of the customer now and was not before."""
    moved = moved_profile(event)
    return (*_orders(moment, moved), *_visits(moment), *_carts(moment))


def _orders(moment: Moment, moved: Customer) -> Iterator[Fact]:
    ledger = moment.before.ledger if moment.before else NO_ORDERS
    orders = OrderFacts(moment.before, moment.customer.zone, is_guest=moment.customer.is_guest)
    for record in moved.ledger:
        known = find(ledger, record.digest)
        changed = difference(known, record if known is None else joined(known, record))
        for movement in changed.taken_back:
            yield orders.fact(movement, taken_back=True)
        for movement in changed.told:
            yield orders.fact(movement, taken_back=False)


def _visits(moment: Moment) -> Iterator[Fact]:
    """Days that are no longer kept stay as they were told."""
    was, now = set(_days(moment.before)) if moment.before else set(), set(_days(moment.customer))
    first = max(now, default=0) - KEEP_DAYS
    for day in sorted(day for day in was ^ now if day > first):
        yield visit(moment_of(day, moment.customer.zone), taken_back=day in was)


def _carts(moment: Moment) -> Iterator[Fact]:
    key = moment.customer.key
    was = Counter(at_ms for _, at_ms in carts_begun(key, moment.before.cart_acts if moment.before else NO_ACTS))
    now = Counter(at_ms for _, at_ms in carts_begun(key, moment.customer.cart_acts))
    for at_ms in (was - now).elements():
        yield _cart(at_ms, taken_back=True)
    for at_ms in (now - was).elements():
        yield _cart(at_ms, taken_back=False)


def _days(customer: Customer) -> list[int]:
    """The days on which the customer did anything."""
    return [day for day in customer.days if (customer.days.get(day) or (0,))[Metric.ACTIONS] > 0]


def _cart(at_ms: int, *, taken_back: bool) -> Fact:
    return Fact("cart_created", at_ms, {}, taken_back=taken_back)
