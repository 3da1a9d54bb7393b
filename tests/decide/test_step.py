"""The laws of `step`, over random logs and the rules that the repository comes with."""

from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.events.decisions import (
    CustomerTagged,
    Decision,
    Forecast,
    JourneyChange,
    Offer,
    Retraction,
    Score,
    SegmentChange,
    Suppression,
    Trigger,
)
from streamproc.events.facts import Fact
from streamproc.events.log import LogEntry
from streamproc.events.raw import Event
from streamproc.measure.vocabulary import FACTS
from streamproc.settings.load import load
from tests.builders import (
    NO_MODELS,
    Shop,
    abandoned_cart,
    add,
    at_ms,
    delivered,
    entry,
    facts_of,
    on_order,
    order,
    plan,
    refund,
    release,
    view,
)
from tests.strategies import events, skus

ROOT = Path(__file__).parents[2]


def committed() -> Plan:
    """The repository's own rules, with consent assumed and models that are asked daily, so that more happens."""
    rules = load(ROOT / "config", ROOT / "topics").plan
    others = plan(
        abandoned_cart(name="cart_10", delay_minutes=10, cool_down_hours=0),
        {"name": "unpaid", "kind": "absence", "after": ["checkout_started"], "unless": ["order_placed"],
         "delay_minutes": 30},
        {"name": "keen", "kind": "threshold", "feature": "views_24h", "above": 2},
        offers={"policy": {"on": ["order_placed", "page_viewed"]}, "offer": [{"id": "gift", "content": "g"}]},
        segments=[{"name": "new", "where": [{"feature": "orders_total", "at_most": 1}]}],
    )  # fmt: skip
    triggers = rules.triggers.model_copy(update={"trigger": rules.triggers.trigger + others.triggers.trigger})
    return Plan(triggers, others.offers, others.segments, others.policy, rules.models)


RULES = committed()
BANK = NO_MODELS.with_release(release(RULES.models["churn"]))

guests = st.builds(lambda minutes: order(customer_id=None, order_id="o7", minutes=minutes), st.integers(0, 10**5))
visitors = st.builds(lambda minutes: view(customer_id=None, anonymous_id="v", minutes=minutes), st.integers(0, 10**5))
marks = st.one_of(st.integers(0, 240), st.integers(0, 240), st.integers(0, 400 * 24 * 60))
"""Event time has come to this minute."""
purchases = st.builds(lambda minutes, sku: order(sku, minutes=minutes), st.integers(0, 180), skus)
fillings = st.builds(lambda minutes, sku: add(sku, minutes=minutes), st.integers(0, 180), skus)
logs = st.lists(
    st.one_of(events, events, events, purchases, fillings, guests, visitors, marks), min_size=6, max_size=40
)


def play(shop: Shop, log: list[Event | int]) -> list[Outcome]:
    """The log, with event time standing still where an older mark comes."""
    for happening in log:
        if isinstance(happening, int):
            shop.mark(minutes=happening)
        else:
            shop.sees(happening)
    shop.mark(days=500)
    return shop.outcomes


class ForgetfulShop(Shop):
    """Keeps its customers as bytes, as a worker that is restarted after each of these steps."""

    def __init__(self, rules: Plan, restarts: set[int]) -> None:
        super().__init__(rules, BANK)
        self.restarts = restarts

    def steps(self, entry: LogEntry) -> Outcome:
        if len(self.log) in self.restarts:
            self.customers = {key: decode(encode(customer)) for key, customer in self.customers.items()}
        return super().steps(entry)


@settings(deadline=None)
@given(logs, st.sets(st.integers(0, 60)))
def test_a_replay_that_is_resumed_from_encoded_states_decides_the_same(
    log: list[Event | int], restarts: set[int]
) -> None:
    assert play(ForgetfulShop(RULES, restarts), log) == play(Shop(RULES, BANK), log)


class WatchfulShop(Shop):
    """Remembers what every state looked like when it was given to `step`."""

    def __init__(self) -> None:
        super().__init__(RULES, BANK)
        self.given: list[tuple[Customer, Customer]] = []

    def steps(self, entry: LogEntry) -> Outcome:
        state = self.customers.get(entry.key)
        if state is not None:
            self.given.append((state, deepcopy(state)))
        return super().steps(entry)


@settings(deadline=None)
@given(logs)
def test_no_step_changes_a_state_that_somebody_else_holds(log: list[Event | int]) -> None:
    shop = WatchfulShop()
    play(shop, log)
    assert all(state == as_given for state, as_given in shop.given)


@settings(deadline=None)
@given(logs)
def test_a_repeated_event_changes_nothing(log: list[Event | int]) -> None:
    shop = Shop(RULES, BANK)
    for happening in log:
        if isinstance(happening, int):
            shop.mark(minutes=happening)
            continue
        outcome = shop.sees(happening)[0]
        again = step(outcome.customer, entry(happening, 999), RULES, BANK)
        assert again.seen is not Seen.NEW
        assert again == Outcome(outcome.customer, seen=again.seen)


def misfits(facts: list[Fact]) -> list[tuple[str, str, Any]]:
    """Facts, values and names that `config/kpis.toml` could not count by."""
    return [
        (fact.fact, name, value)
        for fact in facts
        for name, value in fact.values.items()
        if name not in FACTS[fact.fact] or not FACTS[fact.fact][name].can_be(value)
    ]


@settings(deadline=None)
@given(logs)
def test_every_fact_is_declared_with_every_value_it_can_have(log: list[Event | int]) -> None:
    facts = facts_of(play(Shop(RULES, BANK), log))
    assert misfits(facts) == []
    not_of_all = {"message": {"kind"}, "journey": {"step", "reason"}}
    for fact in facts:
        assert FACTS[fact.fact].keys() - not_of_all.get(fact.fact, set()) <= fact.values.keys()


def test_a_fact_names_nobody() -> None:
    shop = Shop(RULES, BANK)
    assert "ada" not in repr(facts_of(shop.sees(view(), add(), order(), delivered(), refund())))


def id_of(decision: Decision) -> str:  # noqa: PLR0911  one for each kind
    match decision:
        case Trigger():
            return decision.trigger_id
        case Retraction():
            return f"{decision.trigger_id}/retracted"
        case Suppression():
            return decision.suppression_id
        case Offer():
            return decision.offer_decision_id
        case Score():
            return decision.score_id
        case Forecast():
            return decision.forecast_id
        case SegmentChange() | CustomerTagged() | JourneyChange():
            return decision.change_id


@settings(deadline=None)
@given(logs)
def test_no_two_decisions_have_the_same_id(log: list[Event | int]) -> None:
    found = [id_of(decision) for outcome in play(Shop(RULES, BANK), log) for decision in outcome.decisions]
    assert len(found) == len(set(found))


@settings(deadline=None)
@given(logs)
@example([add("lamp", minutes=0), 60, view(), view(), view(), add("lamp", minutes=1)])
def test_no_message_comes_within_the_cool_down_of_one_that_is_not_taken_back(log: list[Event | int]) -> None:
    sent: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    rules = {rule.name: rule for rule in RULES.triggers.trigger}
    shop = Shop(RULES, BANK)
    for outcome, each in zip(play(shop, log), shop.log, strict=True):
        if each.event.type == "erasure_requested":
            for key, name in list(sent):
                if key == each.key:
                    del sent[key, name]
        for decision in outcome.decisions:
            if isinstance(decision, Trigger):
                before = sent[each.key, decision.trigger]
                cool_down_ms = rules[decision.trigger].cool_down_ms
                assert all(each.at_ms - at_ms >= cool_down_ms for at_ms in before.values())
                before[decision.trigger_id] = each.at_ms
            elif isinstance(decision, Retraction):
                sent[each.key, decision.trigger].pop(decision.trigger_id, None)


@settings(deadline=None)
@given(logs)
def test_no_timer_runs_for_ever(log: list[Event | int]) -> None:
    shop = Shop(RULES, BANK)
    play(shop, log)
    assert all(due > at_ms(days=500) for customer in shop.customers.values() for due in customer.timers.values())
    assert len(shop.timers) < 1000


def test_an_id_is_a_function_of_the_position_and_the_rule() -> None:
    rules, event = plan(on_order(name="a"), on_order(name="b")), order()
    first, again, elsewhere = (
        [id_of(decision) for decision in step(None, entry(event, offset), rules, NO_MODELS).decisions]
        for offset in (1, 1, 2)
    )
    assert first == again
    assert len({*first, *elsewhere}) == 4


def test_a_timer_that_nobody_knows_any_more_is_taken_away() -> None:
    shop = Shop(plan(abandoned_cart()))
    shop.sees(add())
    shop.plan = plan()
    [outcome] = shop.mark(hours=1)
    assert outcome.decisions == ()
    assert shop.ada.timers == {}
