"""What is told to measure: facts without a customer id, one function per kind of event."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from streamproc.customer.cart import carts_begun
from streamproc.customer.cart_acts import NO_ACTS, Did
from streamproc.customer.cart_events import acts_after
from streamproc.customer.ledger.movements import Movement
from streamproc.customer.messages.happenings import Happening
from streamproc.customer.messages.record import BOUNCE_KINDS, CHANNELS, Action
from streamproc.customer.state import Customer
from streamproc.customer.windows import Metric
from streamproc.decide.moment import Moment
from streamproc.decide.offers.rewards import Reward
from streamproc.events.calendar import day_of
from streamproc.events.clickstream import (
    BrowsingEvent,
    PageViewed,
)
from streamproc.events.decisions import (
    CustomerTagged,
    Decision,
    JourneyChange,
    Offer,
    Retraction,
    SegmentChange,
    Suppression,
    Trigger,
)
from streamproc.events.email import (
    Bounced,
    Clicked,
    Complained,
    Deferred,
    Delivered,
    Dropped,
    MessageEvent,
    Opened,
    Sent,
    Unsubscribed,
)
from streamproc.events.facts import Fact, FactValue
from streamproc.events.log import ProfileMoved, TimerDue
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded, PurchaseEvent
from streamproc.events.times import parse_rfc3339
from streamproc.events.training import Example
from streamproc.models.kind import AskedPrediction

FactBuilder = Callable[[Moment, Any], tuple[Fact, ...]]

_BUILDERS: dict[type, FactBuilder] = {}


def fact_for(*events: type) -> Callable[[FactBuilder], FactBuilder]:
    """Register what an event's facts are."""

    def register(teller: FactBuilder) -> FactBuilder:
        for event in events:
            if event in _BUILDERS:
                raise ValueError(f"the facts of {event.__name__} are told twice")
            _BUILDERS[event] = teller
        return teller

    return register


def facts_of(
    moment: Moment, decisions: tuple[Decision, ...], examples: tuple[Example, ...], rewards: tuple[Reward, ...] = ()
) -> tuple[Fact, ...]:
    """The facts of the entry and of what was decided."""
    event = moment.entry.event
    teller = _BUILDERS.get(type(event))
    return (
        *(teller(moment, event) if teller else ()),
        *_carts(moment),
        *_visits(moment),
        *[fact for decision in decisions for fact in decided(moment, decision)],
        *[_fact(moment, "answer", model=example.model, label=_label(moment, example)) for example in examples],
        *[_reward(moment, each) for each in rewards],
    )


@fact_for(OrderPlaced, OrderRefunded, OrderCancelled)
def purchase_facts(moment: Moment, event: PurchaseEvent) -> tuple[Fact, ...]:  # noqa: ARG001  the teller's shape
    """What the event changes in the sums of its order: a correction takes back what was told before."""
    known = OrderFacts(moment.before, moment.customer.zone, is_guest=moment.customer.is_guest)
    changed = moment.order_changes
    return (
        *(known.fact(movement, taken_back=True) for movement in changed.taken_back),
        *(known.fact(movement, taken_back=False) for movement in changed.told),
    )


class OrderFacts:
    """The orders that a customer has when a fact is told: which one it is, of all and of its day."""

    def __init__(self, before: Customer | None, zone: str, *, is_guest: bool) -> None:
        self._customer, self._zone, self._guest = before, zone, is_guest
        self._orders = before.orders if before else 0
        self._added: Counter[int] = Counter()

    def fact(self, movement: Movement, *, taken_back: bool) -> Fact:
        """The fact of a movement; of guests' orders nobody knows which they are."""
        amount, guest = movement.micros or 0, self._guest
        is_order = movement.kind == "ordered"
        values: dict[str, FactValue] = {
            "amount": amount,
            "net_amount": amount if is_order else -amount,
            "currency": movement.currency,
            "no_rate": movement.micros is None,
            "guest": guest,
        }
        if not is_order:
            return Fact("refund", movement.at_ms, values | {"kind": movement.kind}, taken_back=taken_back)
        ever, of_day = self._numbers(movement.at_ms, -1 if taken_back else 1)
        values |= {
            "order_number": 0 if guest else ever,
            "first_of_day": not guest and of_day == 1,
            "first_ever": not guest and ever == 1,
        }
        return Fact("order", movement.at_ms, values, taken_back=taken_back)

    def _numbers(self, at_ms: int, times: int) -> tuple[int, int]:
        """Which order it is that comes or goes."""
        day = day_of(at_ms, self._zone)
        before = self._orders, _on_day(self._customer, day, Metric.ORDERS) + self._added[day]
        self._orders += times
        self._added[day] += times
        ever, of_day = before
        return (ever + 1, of_day + 1) if times > 0 else (ever, of_day)


@fact_for(Sent, Deferred, Dropped, Delivered, Bounced, Opened, Clicked, Complained, Unsubscribed)
def message_facts(moment: Moment, event: MessageEvent) -> tuple[Fact, ...]:  # noqa: ARG001  the teller's shape
    """What happened to the message: by anybody and by a person, and what turns out otherwise by that."""
    changed = moment.message_changes
    return (
        *(_happened(each, taken_back=True) for each in changed.taken_back),
        *(_happened(each, taken_back=False) for each in changed.told),
    )


def _happened(happening: Happening, *, taken_back: bool) -> Fact:
    told = happening.told
    values: dict[str, FactValue] = {
        "action": Action(told.action).name.lower(),
        "channel": CHANNELS[told.channel],
        "unique": happening.is_first,
        "human": happening.by_person,
        "unique_human": happening.is_first_by_person,
    }
    if told.action == Action.BOUNCED:
        values["kind"] = BOUNCE_KINDS[told.kind]
    return Fact("message", told.at_ms, values, taken_back=taken_back)


@fact_for(PageViewed)
def page_facts(moment: Moment, event: PageViewed) -> tuple[Fact, ...]:  # noqa: ARG001  the teller's shape
    """A page view."""
    return (_fact(moment, "page_view"),)


def _carts(moment: Moment) -> Iterator[Fact]:
    """Carts that begin, in the light of what is told now; one that turns out to be none is taken back."""
    key, event = moment.customer.key, moment.entry.event
    if moment.customer.is_guest or not isinstance(event, BrowsingEvent | OrderPlaced):
        return
    acts = moment.before.cart_acts if moment.before else NO_ACTS
    if isinstance(event, OrderPlaced) and all(act.did == Did.ORDERED for act in acts):
        return  # no cart began, and an order begins none
    after = acts_after(acts, event, moment.now_ms)
    if after is acts:
        return
    was, now = (Counter(carts_begun(key, each)) for each in (acts, after))
    for _, at_ms in (was - now).elements():
        yield Fact("cart_created", at_ms, {}, taken_back=True)
    for _, at_ms in (now - was).elements():
        yield Fact("cart_created", at_ms, {})


def _visits(moment: Moment) -> Iterable[Fact]:
    """The first thing that a customer or visitor did on a day; a delivery or a refund is nothing that they did.

    An order that turns out to be of another day, or a click that was a machine's, can leave a day without anything:
    then its visit is taken back.
    """
    if isinstance(moment.entry.event, ProfileMoved | TimerDue) or moment.customer.is_guest:
        return ()
    zone = moment.customer.zone
    days = {day_of(at_ms, zone): at_ms for at_ms in _changed_at(moment)}
    there = [(at_ms, *_was_there(moment, day)) for day, at_ms in days.items()]
    return [visit(at_ms, taken_back=before) for at_ms, before, after in there if before != after]


def _changed_at(moment: Moment) -> tuple[int, ...]:
    """The times (epoch ms) of all that counts otherwise after the entry."""
    match moment.entry.event:
        case PurchaseEvent():
            moved = moment.order_changes
            return tuple(each.at_ms for each in (*moved.taken_back, *moved.told))
        case MessageEvent():
            happened = moment.message_changes
            return tuple(each.told.at_ms for each in (*happened.taken_back, *happened.told))
        case _:
            return (moment.now_ms,)


def _was_there(moment: Moment, day: int) -> tuple[bool, bool]:
    """Whether the customer did anything on a day, as known before the entry and after it."""
    before = moment.before is not None and _on_day(moment.before, day, Metric.ACTIONS) > 0
    return before, _on_day(moment.customer, day, Metric.ACTIONS) > 0


def visit(at_ms: int, *, taken_back: bool) -> Fact:
    """Somebody was there on a day."""
    return Fact("visit", at_ms, {"first_of_day": True}, taken_back=taken_back)


def decided(moment: Moment, decision: Decision) -> tuple[Fact, ...]:
    """What is counted of a decision."""
    match decision:
        case Trigger():
            return (_fact(moment, "trigger", trigger=decision.trigger, channel=decision.channel),)
        case Suppression():
            return (
                _fact(
                    moment, "suppression", trigger=decision.trigger, reason=decision.reason, deferred=decision.deferred
                ),
            )
        case Retraction():
            return (_fact(moment, "retraction", trigger=decision.trigger),)
        case Offer():
            return (_fact(moment, "offer", offer_id=decision.offer_id, channel=decision.channel),)
        case SegmentChange() | CustomerTagged() | JourneyChange():
            return (_of_change(moment, decision),)
        case _:
            return ()


def _of_change(moment: Moment, change: SegmentChange | CustomerTagged | JourneyChange) -> Fact:
    """A step on a journey; or who came or left, and by how many the members are more: all add up to how many are in."""
    if not isinstance(change, JourneyChange):
        return _of_group(change)
    told = {"step": change.step, "reason": change.reason}
    known = {name: said for name, said in told.items() if said is not None}
    return _fact(moment, "journey", journey=change.journey, change=change.change, **known)


def _of_group(change: SegmentChange | CustomerTagged) -> Fact:
    members = 1 if change.change in ("entered", "given") else -1
    if isinstance(change, SegmentChange):
        name, values = "segment", {"segment": change.segment}
    else:
        name, values = "tag", {"tag": change.tag, "source": change.source}
    return Fact(name, parse_rfc3339(change.at), {**values, "change": change.change, "members": members})


def _label(moment: Moment, example: Example) -> int:
    """An answer: 0 or 1, or a number in thousandths: a fact's numbers are whole."""
    prediction = moment.bank.predictions.get(example.model)
    is_number = isinstance(prediction, AskedPrediction) and prediction.answers_are_numbers
    return round(1000 * example.label) if is_number else int(example.label)


def _reward(moment: Moment, told: Reward) -> Fact:
    """What an offer brought, in thousandths: a fact's numbers are whole."""
    offer = told.offer
    return _fact(
        moment,
        "offer_reward",
        offer_id=offer.offer_id,
        thousandths=round(1000 * told.reward),
        clicked=told.clicked,
        ordered=offer.ordered,
        control=offer.is_control,
        learned=offer.model_version is not None,
    )


def _on_day(customer: Customer | None, day: int, metric: Metric) -> int:
    return customer.days.count(day, metric) if customer else 0


def _fact(moment: Moment, name: str, **values: FactValue) -> Fact:
    return Fact(name, moment.now_ms, values)
