"""Builders of events, log entries and plans; times are minutes, hours or days after noon of 1 May 2024."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from streamproc.collect.raw_topic import RawTopic
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.folds import fold
from streamproc.customer.state import Customer
from streamproc.decide.journeys.journey import JourneySettings
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan, TriggerSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.decide.segments.tags import TagSettings
from streamproc.decide.step import step
from streamproc.events.catalogue import ProductChanged
from streamproc.events.clickstream import CartAdded, CartRemoved, CheckoutStarted, PageViewed, ProductViewed
from streamproc.events.decisions import Suppression, Trigger
from streamproc.events.email import Clicked, Delivered, Opened, Sent, Unsubscribed
from streamproc.events.facts import Fact
from streamproc.events.log import LogEntry, TimerDue
from streamproc.events.profile import ConsentChanged, ErasureRequested, Identified, TagChanged
from streamproc.events.purchase import OrderCancelled, OrderLine, OrderPlaced, OrderRefunded
from streamproc.events.raw import FAMILIES, Event
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.models.config import ModelSettings
from streamproc.models.kind import AnsweredPrediction, Prediction, Predictions
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_MS = epoch_ms(NOON)
KEY = b"a signing key"
MODEL = "churn"
ANY_TOPIC = RawTopic("shop.any.v1", frozenset(FAMILIES))
_numbers = count()


def at(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    return NOON + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def at_ms(**when: float) -> int:
    return epoch_ms(at(**when))


def envelope(values: dict[str, Any]) -> dict[str, Any]:
    """The envelope: `days`, `hours`, `minutes`, `seconds` say when; ada is the customer; each event has its own id."""
    when = {unit: values.pop(unit) for unit in ("days", "hours", "minutes", "seconds") if unit in values}
    return {"event_id": f"e{next(_numbers)}", "occurred_at": at(**when), "customer_id": "ada"} | values


def view(**values: Any) -> PageViewed:
    return PageViewed(**envelope(values))


def add(sku: str = "lamp", **values: Any) -> CartAdded:
    return CartAdded(sku=sku, **envelope(values))


def viewed(sku: str = "lamp", pounds: float | None = None, **values: Any) -> ProductViewed:
    """A product's page, with its price if it says one."""
    own = {"price": None if pounds is None else round(pounds * 1_000_000)} | envelope(values)
    return ProductViewed(sku=sku, **own)


def changed(sku: str = "lamp", pounds: float | None = None, stock: int | None = None, **values: Any) -> ProductChanged:
    """What is told of a product; nobody is named."""
    own = {"price": None if pounds is None else round(pounds * 1_000_000), "stock": stock} | envelope(values)
    return ProductChanged(sku=sku, **{name: value for name, value in own.items() if name != "customer_id"})


def remove(sku: str | None = "lamp", **values: Any) -> CartRemoved:
    return CartRemoved(sku=sku, **envelope(values))


def checkout(**values: Any) -> CheckoutStarted:
    return CheckoutStarted(**envelope(values))


def line(sku: str = "lamp", pounds: float = 10, quantity: int = 1) -> OrderLine:
    return OrderLine(sku=sku, quantity=quantity, unit_price=round(pounds * 1_000_000))


def order(*skus: str, pounds: float = 10, **values: Any) -> OrderPlaced:
    own = envelope(values)
    lines = tuple(line(sku, pounds) for sku in skus or ("lamp",))
    return OrderPlaced(**{"order_id": f"o-{own['event_id']}", "currency": "GBP", "lines": lines} | own)


def refund(order_id: str = "o1", pounds: float | None = 5, **values: Any) -> OrderRefunded:
    """Without pounds it is the rest."""
    own = {"currency": "GBP", "amount": None if pounds is None else round(pounds * 1_000_000)} | envelope(values)
    return OrderRefunded(order_id=order_id, **own)


def cancel(order_id: str, pounds: float | None = None, **values: Any) -> OrderCancelled:
    """Without pounds it is the whole order."""
    own = {"currency": "GBP", "amount": None if pounds is None else round(pounds * 1_000_000)} | envelope(values)
    return OrderCancelled(order_id=order_id, **own)


def sent(message_id: str = "m1", **values: Any) -> Sent:
    return Sent(message_id=message_id, **envelope(values))


def delivered(message_id: str = "m1", **values: Any) -> Delivered:
    return Delivered(message_id=message_id, **envelope(values))


def opened(message_id: str = "m1", **values: Any) -> Opened:
    return Opened(message_id=message_id, **envelope(values))


def clicked(message_id: str = "m1", **values: Any) -> Clicked:
    return Clicked(message_id=message_id, **envelope(values))


def unsubscribed(message_id: str = "m1", **values: Any) -> Unsubscribed:
    return Unsubscribed(message_id=message_id, **envelope(values))


def consent(*, granted: bool = True, **values: Any) -> ConsentChanged:
    own: dict[str, Any] = {"channel": "email"} | envelope(values)
    return ConsentChanged(granted=granted, **own)


def identified(traits: dict[str, Any] | None = None, **values: Any) -> Identified:
    return Identified(traits=traits or {}, **envelope(values))


def tagged(tag: str = "vip", *, given: bool = True, **values: Any) -> TagChanged:
    own: dict[str, Any] = {"by": "event"} | envelope(values)
    return TagChanged(tag=tag, given=given, **own)


def erasure(**values: Any) -> ErasureRequested:
    return ErasureRequested(**envelope(values))


def raw(**values: Any) -> bytes:
    """A page view as a producer writes it, with `values` put over it; None takes a field away."""
    message = {"event_id": "e1", "type": "page_viewed", "occurred_at": "2024-05-01T12:00:00Z", "customer_id": "ada"}
    return json.dumps({name: value for name, value in (message | values).items() if value is not None}).encode()


def entry(event: Event, offset: int = 0) -> LogEntry:
    return LogEntry(subject_of(event).key, epoch_ms(event.occurred_at), f"topic/0/{offset}", offset, event)


def told_later(event: Event, *, hours: float) -> LogEntry:
    """The entry of an event that was told so long after it happened."""
    each = entry(event)
    return replace(each, received_ms=each.at_ms + round(hours * 3_600_000))


def backfilled(event: Event, *, days: float = 1_000) -> LogEntry:
    """The entry of an event of history, as collect makes one of what is told so long after, without `sent_at`."""
    return replace(told_later(event, hours=24 * days), is_backfill=True)


def entries(events: Iterable[Event]) -> list[LogEntry]:
    return [entry(event, offset) for offset, event in enumerate(events)]


def folded(*events: Event) -> Customer:
    """The customer after these events, in the order of arrival."""
    customer = None
    for each in entries(events):
        customer = fold(customer, each)
    assert customer is not None
    return customer


REWARDS = "offer_reward"
CHURN = {"features": ["log_recency_weeks", "log_orders", "log_views_7d"]}


def plan(  # noqa: PLR0913  a plan has as many files
    *triggers: dict[str, Any],
    offers: dict[str, Any] | None = None,
    segments: Iterable[dict[str, Any]] = (),
    policy: dict[str, Any] | None = None,
    churn: dict[str, Any] | None = None,
    features: Iterable[dict[str, Any]] = (),
    rewards: dict[str, Any] | None = None,
    tags: Iterable[dict[str, Any]] = (),
    journeys: Iterable[dict[str, Any]] = (),
    others: dict[str, dict[str, Any]] | None = None,
) -> Plan:
    """A plan with these blocks (`others`: more predictions); marketing is allowed unless the policy says otherwise."""
    return Plan(
        TriggerSettings.model_validate({"trigger": list(triggers)}),
        OfferSettings.model_validate(offers or {}),
        SegmentSettings.model_validate({"segment": list(segments)}),
        PolicySettings.model_validate({"consent": {"marketing": "allow"}} | (policy or {})),
        ModelSettings.model_validate(
            {MODEL: CHURN | (churn or {})} | ({} if rewards is None else {REWARDS: rewards}) | (others or {})
        ),
        FeatureSettings.model_validate({"feature": list(features)}),
        tags=TagSettings.model_validate({"tag": list(tags)}),
        journeys=JourneySettings.model_validate({"journey": list(journeys)}),
    ).by_definition()


def with_ranking(rules: Plan) -> Plan:
    """The plan with a ranking of products, by the name of its kind."""
    models = ModelSettings.model_validate({**rules.models.model_dump(mode="json"), "for_you": {}})
    return replace(rules, models=models)


def abandoned_cart(**changes: Any) -> dict[str, Any]:
    return {"name": "abandoned_cart", "kind": "absence", "correlate": "cart", "delay_minutes": 60} | changes


def on_order(**changes: Any) -> dict[str, Any]:
    return {"name": "thanks", "kind": "event", "on": ["order_placed"], "cool_down_hours": 0} | changes


def release(prediction: Prediction, label: int = 1, version: str = "churn-1", name: str = MODEL) -> Any:
    """A signed version of a model that has seen nothing but this label."""
    from streamproc.events.log import ModelReleased

    assert isinstance(prediction, AnsweredPrediction)
    model = prediction.new_model()
    for number in range(30):
        prediction.learn(model, {feature: float(number % 3) for feature in prediction.features}, label)
    snapshot = pack(model)
    return ModelReleased(
        model=name,
        version=version,
        snapshot=snapshot,
        signature=sign(name, version, snapshot, KEY),
        trained_through=NOON,
        examples=30,
    )


ASKED: Predictions = {MODEL: ChurnPrediction.model_validate(CHURN)}
NO_MODELS = ModelBank(KEY, ASKED)


class Shop:
    """Steps through a log as decide does: customers by key, and timers that run out when a mark says so."""

    def __init__(self, plan: Plan, bank: ModelBank = NO_MODELS) -> None:
        self.plan = plan
        self.bank = bank
        self.customers: dict[str, Customer] = {}
        self.outcomes: list[Outcome] = []
        self.log: list[LogEntry] = []
        self.timers: list[str] = []
        self.complete_ms: int | None = None

    def sees(self, *events: Event) -> list[Outcome]:
        """One step for each event, in the order of arrival."""
        return [self.steps(entry(event, len(self.log))) for event in events]

    def mark(self, **when: float) -> list[Outcome]:
        """Event time has come to here: who is due wakes in the order (due time, customer, timer)."""
        through, woken = max(at_ms(**when), self.complete_ms or 0), []
        while due := sorted(
            (moment, key, name)
            for key, customer in self.customers.items()
            for name, moment in customer.timers.items()
            if moment <= through
        ):
            moment, key, name = due[0]
            self.timers.append(name)
            position = f"topic/0/{len(self.log)}/{name}"
            woken.append(self.steps(LogEntry(key, moment, position, len(self.log), TimerDue(name))))
        self.complete_ms = through
        return woken

    def steps(self, entry: LogEntry) -> Outcome:
        entry = replace(entry, complete_ms=self.complete_ms)
        outcome = step(self.customers.get(entry.key), entry, self.plan, self.bank)
        self.log.append(entry)
        self.outcomes.append(outcome)
        if outcome.customer is None:
            self.customers.pop(entry.key, None)
        else:
            self.customers[entry.key] = outcome.customer
        return outcome

    @property
    def ada(self) -> Customer:
        return self.customers["c/ada"]


def sent_by(outcomes: Iterable[Outcome]) -> list[str]:
    """The names of the triggers, in order."""
    return [d.trigger for outcome in outcomes for d in outcome.decisions if isinstance(d, Trigger)]


def refused_by(outcomes: Iterable[Outcome]) -> list[tuple[str, str]]:
    """The names and reasons of the suppressions, in order."""
    return [(d.trigger, d.reason) for outcome in outcomes for d in outcome.decisions if isinstance(d, Suppression)]


def facts_of(outcomes: list[Outcome]) -> list[Fact]:
    """All facts, in order."""
    return [fact for outcome in outcomes for fact in outcome.facts]
