"""What is told to measure: facts without a customer id, one function per kind of event."""

from collections.abc import Callable
from typing import Any

from streamproc.customer.folds.messaging import MessageBit, bits_of, is_person, known_message
from streamproc.customer.folds.ordering import cancelled_micros
from streamproc.customer.state import Customer
from streamproc.customer.windows import Metric
from streamproc.decide.moment import Moment
from streamproc.events.clickstream import CartAdded, PageViewed
from streamproc.events.decisions import Decision, Offer, Suppression, Trigger
from streamproc.events.email import Bounced, Clicked, Complained, Delivered, MessageEvent, Opened, Sent, Unsubscribed
from streamproc.events.facts import Fact, FactValue
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded
from streamproc.events.times import DAY_MS
from streamproc.events.training import Example

Teller = Callable[[Moment, Any], tuple[Fact, ...]]

_TELLERS: dict[type, Teller] = {}


def tells(*events: type) -> Callable[[Teller], Teller]:
    """Register what an event's facts are."""

    def register(teller: Teller) -> Teller:
        for event in events:
            if event in _TELLERS:
                raise ValueError(f"the facts of {event.__name__} are told twice")
            _TELLERS[event] = teller
        return teller

    return register


def facts_of(moment: Moment, decisions: tuple[Decision, ...], examples: tuple[Example, ...]) -> tuple[Fact, ...]:
    """The facts of the entry and of what was decided."""
    event = moment.entry.event
    teller = _TELLERS.get(type(event))
    told = teller(moment, event) if teller else ()
    return (
        *told,
        *_visit(moment),
        *(fact for decision in decisions for fact in _decided(moment, decision)),
        *(_fact(moment, "answer", model=example.model, label=example.label) for example in examples),
    )


@tells(OrderPlaced)
def order_facts(moment: Moment, event: OrderPlaced) -> tuple[Fact, ...]:
    """An order with a paid line."""
    if not event.is_paid:
        return ()
    amount, customer = event.amount, moment.customer
    identified = not customer.is_guest
    orders_before = moment.before.orders if moment.before else 0
    return (
        _fact(
            moment,
            "order",
            amount=amount,
            net_amount=amount,
            currency=event.currency,
            guest=not identified,
            order_number=customer.orders if identified else 0,
            first_of_day=identified and _on_day(moment.before, moment.now_ms, Metric.ORDERS) == 0,
            first_ever=identified and orders_before == 0,
        ),
    )


@tells(OrderRefunded)
def refund_facts(moment: Moment, event: OrderRefunded) -> tuple[Fact, ...]:
    """Money that went back."""
    return (_given_back(moment, event.amount, event.currency, "refunded"),)


@tells(OrderCancelled)
def cancellation_facts(moment: Moment, event: OrderCancelled) -> tuple[Fact, ...]:
    """A cancelled order, or a part of one."""
    return (_given_back(moment, cancelled_micros(moment.customer, event), event.currency, "cancelled"),)


@tells(Sent, Delivered, Opened, Clicked, Bounced, Complained, Unsubscribed)
def message_facts(moment: Moment, event: MessageEvent) -> tuple[Fact, ...]:
    """What happened to a message: by anybody and by a person, and whether for the first time."""
    before = moment.before or Customer(moment.customer.key, moment.now_ms, moment.now_ms)
    person = is_person(before, event, moment.now_ms)
    known = known_message(before, event.message_id)
    bits = MessageBit(known.bits) if known else MessageBit(0)
    anybody, by_person = bits_of(event, person=False), bits_of(event, person=True)
    return (
        _fact(
            moment,
            "message",
            action=moment.entry.event.type,
            channel=event.channel,
            unique=anybody & ~bits != 0,
            human=person,
            unique_human=person and by_person & ~bits != 0,
            **({"kind": event.kind} if isinstance(event, Bounced) else {}),
        ),
    )


@tells(PageViewed)
def page_facts(moment: Moment, event: PageViewed) -> tuple[Fact, ...]:  # noqa: ARG001  the teller's shape
    """A page view."""
    return (_fact(moment, "page_view"),)


@tells(CartAdded)
def cart_facts(moment: Moment, event: CartAdded) -> tuple[Fact, ...]:  # noqa: ARG001  the teller's shape
    """A cart that begins with this product."""
    is_new = moment.customer.carts > (moment.before.carts if moment.before else 0)
    return (_fact(moment, "cart_created"),) if is_new else ()


def _visit(moment: Moment) -> tuple[Fact, ...]:
    """The first thing that a customer or visitor did on a day; a delivery or a refund is nothing that they did."""
    customer, now = moment.customer, moment.now_ms
    is_first = _on_day(customer, now, Metric.ACTIONS) > 0 and _on_day(moment.before, now, Metric.ACTIONS) == 0
    return (_fact(moment, "visit", first_of_day=True),) if is_first and not customer.is_guest else ()


def _decided(moment: Moment, decision: Decision) -> tuple[Fact, ...]:
    match decision:
        case Trigger():
            return (_fact(moment, "trigger", trigger=decision.trigger, channel=decision.channel),)
        case Suppression():
            return (_fact(moment, "suppression", trigger=decision.trigger, reason=decision.reason),)
        case Offer():
            return (_fact(moment, "offer", offer_id=decision.offer_id, channel=decision.channel),)
        case _:
            return ()


def _given_back(moment: Moment, amount: int, currency: str, kind: str) -> Fact:
    return _fact(
        moment,
        "refund",
        amount=amount,
        net_amount=-amount,
        currency=currency,
        guest=moment.customer.is_guest,
        kind=kind,
    )


def _on_day(customer: Customer | None, at_ms: int, metric: Metric) -> int:
    bucket = customer.days.get(at_ms // DAY_MS) if customer else None
    return bucket[metric] if bucket else 0


def _fact(moment: Moment, name: str, **values: FactValue) -> Fact:
    return Fact(name, moment.now_ms, values)
