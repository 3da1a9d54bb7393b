"""Laws of journeys: each ends once, no step is sent twice, an exit ends it, a changed configuration touches nobody."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.events.decisions import JourneyChange, Suppression, Trigger
from streamproc.events.raw import Event
from tests.builders import (
    Shop,
    on_order,
    plan,
)
from tests.decide.journeys.walking import (
    IN_CART,
    NIGHT,
    again,
    changes,
    messages,
)
from tests.strategies import events

STEPS = st.lists(
    st.one_of(
        st.just({"kind": "wait", "hours": 1}),
        st.just({"kind": "wait", "until": "09:00"}),
        st.just({"kind": "message"}),
        st.just({"kind": "message", "channels": ["push", "sms"], "defer": True}),
        st.just({"kind": "condition", "where": [{"feature": "message_opened", "equals": 1}], "then": "last"}),
        st.just({"kind": "condition", "where": [{"feature": "views_7d", "at_least": 1}], "otherwise": "first"}),
        st.just({"kind": "end", "outcome": "early"}),
    ),
    max_size=6,
).map(lambda steps: [{"kind": "wait", "hours": 2, "name": "first"}, *steps, {"kind": "message", "name": "last"}])
LOGS = st.lists(st.one_of(events, events, st.integers(0, 60 * 24 * 20)), max_size=25)
POLICIES: st.SearchStrategy[dict[str, Any]] = st.sampled_from([
    {}, {"quiet_hours": NIGHT}, {"cap": [{"name": "one", "limit": 1, "per": "day"}]},
    {"arbitration": {"window_minutes": 30, "defer_hours": 5}},
])  # fmt: skip


def play(shop: Shop, log: list[Event | int], *, restarts: bool = False) -> list[Outcome]:
    for happening in log:
        if isinstance(happening, int):
            shop.mark(minutes=happening)
        else:
            shop.sees(happening)
        if restarts:
            shop.customers = {key: decode(encode(each)) for key, each in shop.customers.items()}
    shop.mark(days=400)
    return shop.outcomes


def lawful_plan(steps: list[dict[str, Any]], policy: dict[str, Any]) -> Plan:
    journeys = [
        again(*steps, exits=["clicked"]),
        again(*steps, name="thanked", start="thanks", exits=["order_refunded"]),
    ]
    return plan(IN_CART, on_order(), policy=policy, journeys=journeys)


@settings(deadline=None)
@given(STEPS, POLICIES, LOGS)
def test_every_journey_ends_once_and_no_step_of_it_is_sent_twice(
    steps: list[dict[str, Any]], policy: dict[str, Any], log: list[Event | int]
) -> None:
    outcomes = play(Shop(lawful_plan(steps, policy)), log)
    told = [d for outcome in outcomes for d in outcome.decisions]
    of = Counter((d.journey, d.correlation, d.started_at, d.change) for d in told if isinstance(d, JourneyChange))
    begun = {key[:3]: times for key, times in of.items() if key[3] == "started"}
    assert begun == {key[:3]: times for key, times in of.items() if key[3] == "ended"}
    assert set(begun.values()) <= {1}
    sent_steps = Counter((d.trigger, d.correlation, d.step) for d in told if isinstance(d, Trigger) and d.step)
    starts = Counter(key[:2] for key in begun)
    assert all(times <= starts[trigger, key] for (trigger, key, _), times in sent_steps.items())
    ids = [d.change_id for d in told if isinstance(d, JourneyChange)]
    ids += [d.trigger_id for d in told if isinstance(d, Trigger)]
    ids += [d.suppression_id for d in told if isinstance(d, Suppression)]
    assert len(ids) == len(set(ids))


@settings(deadline=None)
@given(STEPS, POLICIES, LOGS)
def test_after_an_exit_nothing_of_the_journey_is_sent(
    steps: list[dict[str, Any]], policy: dict[str, Any], log: list[Event | int]
) -> None:
    running: set[tuple[str, str]] = set()
    for outcome in play(Shop(lawful_plan(steps, policy)), log):
        for each in outcome.decisions:
            if isinstance(each, JourneyChange) and each.change == "started":
                running.add((each.journey, each.correlation))
        for each in outcome.decisions:
            if isinstance(each, Trigger) and each.step:
                assert (each.trigger, each.correlation) in running
        for each in outcome.decisions:
            if isinstance(each, JourneyChange) and each.change == "ended":
                running.remove((each.journey, each.correlation))


@settings(deadline=None)
@given(STEPS, POLICIES, LOGS, st.integers(0, 25))
def test_a_changed_configuration_does_not_touch_who_is_on_a_journey(
    steps: list[dict[str, Any]], policy: dict[str, Any], log: list[Event | int], when: int
) -> None:
    """Of two shops, restarted at each event, one gets other steps, and nobody begins anything any more in either."""
    one, two = Shop(lawful_plan(steps, policy)), Shop(lawful_plan(steps, policy))
    for shop in (one, two):
        play_until = log[:when]
        for happening in play_until:
            shop.mark(minutes=happening) if isinstance(happening, int) else shop.sees(happening)
    stopped = [
        again(*steps, exits=["clicked"], active=False),
        again(*steps, name="thanked", start="thanks", exits=["order_refunded"], active=False),
    ]
    others = [each | {"step": [{"kind": "end"}], "exits": ["page_viewed"]} for each in stopped]
    one.plan = plan(IN_CART, on_order(), policy=policy, journeys=stopped)
    two.plan = plan(IN_CART, on_order(), policy=policy, journeys=others)
    for shop in (one, two):
        play(shop, log[when:], restarts=True)
    assert [(messages([o]), changes([o])) for o in one.outcomes] == [
        (messages([o]), changes([o])) for o in two.outcomes
    ]
