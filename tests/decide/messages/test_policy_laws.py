"""Laws of the policy, whatever happens and in whatever order it is told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.decisions import Retraction, Suppression, Trigger
from streamproc.events.raw import Event
from streamproc.events.times import parse_rfc3339
from tests.builders import Shop, abandoned_cart, add, at, consent, delivered, identified, on_order, order, plan, view
from tests.trying import tried

ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo")
CAPS = (
    {"name": "two_in_a_day", "limit": 2, "hours": 24},
    {"name": "three_a_week", "limit": 3, "per": "week"},
    {"name": "one_push", "limit": 1, "per": "day", "channel": "push"},
)
QUIET = {"begin": "20:30", "end": "07:15", "channels": ["email", "push"]}
RULES = (
    on_order(name="a", defer=True, priority=10, loses="defer"),
    on_order(name="b", channels=["push", "email"], priority=90, cool_down_hours=5, defer=True),
    on_order(name="c", on=["page_viewed"], cool_down_hours=3, campaign="spring"),
    abandoned_cart(name="cart", cool_down_hours=2, defer=True, expires_hours=60),
    {"name": "many", "kind": "threshold", "feature": "orders_28d", "above": 2, "cool_down_hours": 0, "loses": "defer"},
)
NAMES = [rule["name"] for rule in RULES]
HELD_OUT = {"holdout": {"percent": 15, "salt": "law"}}


def a_plan(**policy: Any) -> Any:
    said = {"consent": {"marketing": "deny"}, "cap": list(CAPS), "quiet_hours": QUIET} | policy
    return plan(*RULES, policy=said)


PLANS = (
    a_plan(),
    a_plan(arbitration={"window_minutes": 30, "defer_hours": 5}),
    a_plan(**HELD_OUT),
    a_plan(suppression_list=[{"trait": "listed", "equals": True}]),
)
minutes = st.integers(0, 6 * 24 * 60)
happenings = st.one_of(
    st.builds(lambda m: order(minutes=m), minutes),
    st.builds(lambda m: view(minutes=m), minutes),
    st.builds(lambda m, cart: add(minutes=m, cart_id=cart), minutes, st.sampled_from("xy")),
    st.builds(lambda m, granted, by: consent(minutes=m, granted=granted, channel=by), minutes, st.booleans(),
              st.sampled_from(["email", "push"])),
    st.builds(lambda m, zone: identified({"time_zone": zone}, minutes=m), minutes, st.sampled_from(ZONES)),
    st.builds(lambda m, listed: identified({"listed": listed}, minutes=m), minutes, st.booleans()),
    st.builds(lambda m, n: delivered(f"m{n}", minutes=m), minutes, st.integers(0, 3)),
)  # fmt: skip


@dataclass
class Told:
    """What was said, with the state of the customer when it was."""

    shop: Shop
    said: list[tuple[Any, Any]]


def play(rules: Any, happened: Iterable[Event | int]) -> Told:
    """Allowed at first, then what happens; a number is a mark, and one comes at the end."""
    shop, said = Shop(rules), []
    for each in (*FIRST, *happened, 40 * 24 * 60):
        outcomes = shop.mark(minutes=each) if isinstance(each, int) else shop.sees(each)
        said += [(decision, shop.ada) for outcome in outcomes for decision in outcome.decisions]
    return Told(shop, said)


logs = st.lists(st.one_of(happenings, minutes), max_size=25)
in_order = st.lists(happenings, max_size=20).map(lambda told: sorted(told, key=lambda event: event.occurred_at))
FIRST = (consent(days=-1), consent(days=-1, channel="push"))


def with_marks(log: list[Event]) -> list[Event | int]:
    """Event time is known to have come to each event before it is told."""
    return [each for event in log for each in ((event.occurred_at - at()) // timedelta(minutes=1), event)]


def triggers(told: Told) -> list[Trigger]:
    return [decision for decision, _ in told.said if isinstance(decision, Trigger)]


@tried(60)
@given(st.sampled_from(PLANS), logs)
def test_never_twice_for_one_occasion_and_each_that_was_put_off_is_decided_once(rules: Any, log: list[Any]) -> None:
    told = play(rules, log)
    open_: Counter[tuple[str, str]] = Counter()
    sent: Counter[tuple[str, str]] = Counter()
    for decision, _ in told.said:
        if not isinstance(decision, Trigger | Suppression | Retraction):
            continue
        if isinstance(decision, Retraction):
            continue
        occasion = decision.trigger, decision.correlation
        if open_[occasion]:
            open_[occasion] -= 1  # this is what it waited for
        if isinstance(decision, Suppression) and decision.deferred:
            open_[occasion] += 1
            assert decision.until is not None
            assert decision.until > decision.at
        if isinstance(decision, Trigger):
            sent[occasion] += 1
    assert not +open_
    assert not told.shop.ada.waiting
    taken_back = Counter(decision.trigger for decision, _ in told.said if isinstance(decision, Retraction))
    assert all(count == 1 or taken_back[name] for (name, _), count in sent.items())


@tried(60)
@given(st.sampled_from(PLANS), in_order)
def test_never_without_consent_nor_at_night(rules: Any, log: list[Event]) -> None:
    """By a model that knows nothing of the product: the last words that were said before."""
    for trigger in triggers(play(rules, with_marks(log))):
        moment = parse_rfc3339(trigger.at)
        said = [event for event in log if event.occurred_at <= at_of(trigger)]
        words = [e.granted for e in said if e.type == "consent_changed" and e.channel == trigger.channel]
        ties = [e for e in said if e.type == "consent_changed" and e.occurred_at == at_of(trigger)]
        assert not words or words[-1] or ties
        zones = [str(e.traits["time_zone"]) for e in said if e.type == "identified" and "time_zone" in e.traits]
        if any(e.type == "identified" and e.occurred_at == at_of(trigger) for e in said):
            continue
        clock = datetime.fromtimestamp(moment / 1000, ZoneInfo(zones[-1] if zones else "UTC")).strftime("%H:%M")
        assert "07:15" <= clock < "20:30"


def at_of(decision: Any) -> datetime:
    return at() + timedelta(milliseconds=parse_rfc3339(decision.at) - parse_rfc3339("2024-05-01T12:00:00Z"))


@tried(60)
@given(st.sampled_from(PLANS), in_order)
def test_never_above_a_cap_nor_in_a_cool_down(rules: Any, log: list[Event]) -> None:
    told = play(rules, with_marks(log))
    sent = sorted((parse_rfc3339(each.at), each.trigger, each.channel) for each in triggers(told))
    times = [moment for moment, _, _ in sent]
    day = 24 * 3_600_000
    for moment in times:
        assert sum(moment <= other < moment + day for other in times) <= 2
    for name, hours in (("b", 5), ("c", 3), ("cart", 2)):
        own = [moment for moment, trigger, _ in sent if trigger == name]
        assert all(later - earlier >= hours * 3_600_000 for earlier, later in pairwise(own))
    assert sum(trigger == "c" for _, trigger, _ in sent) <= 1


@tried(30)
@given(in_order)
def test_never_to_the_control_group_and_what_would_have_been_sent_is_told(log: list[Event]) -> None:
    rules = a_plan(holdout={"percent": 15, "salt": next(salt for salt in map(str, range(99)) if _holds(salt))})
    told = play(rules, log)
    assert triggers(told) == []
    assert {d.reason for d, _ in told.said if isinstance(d, Suppression)} <= {
        "held_out", "no_consent", "stale", "hard_bounce",
    }  # fmt: skip


def _holds(salt: str) -> bool:
    return bool(a_plan(holdout={"percent": 15, "salt": salt}).policy.holdout.has("c/ada"))


@tried(40)
@given(st.sampled_from(PLANS), logs)
def test_told_again_step_by_step_it_is_the_same(rules: Any, log: list[Any]) -> None:
    once, again = play(rules, log), play(rules, log)
    assert [decision for decision, _ in once.said] == [decision for decision, _ in again.said]
    assert once.shop.customers == again.shop.customers
