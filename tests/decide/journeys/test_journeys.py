"""Journeys: they begin with a trigger, go step by step as messages fare, and each of them ends."""

from collections import Counter
from typing import Any

import pytest

from streamproc.customer.codec import decode, encode
from streamproc.customer.journeys import MAX_JOURNEYS
from streamproc.decide.journeys.journey import JourneySettings
from streamproc.decide.plan import Plan
from streamproc.events.decisions import JourneyChange, Retraction, Trigger
from streamproc.events.times import rfc3339
from tests.builders import (
    Shop,
    add,
    at_ms,
    clicked,
    consent,
    delivered,
    erasure,
    identified,
    on_order,
    opened,
    order,
    plan,
    refused_by,
    sent,
    sent_by,
    told_later,
    view,
)
from tests.decide.journeys.walking import (
    IN_CART,
    NIGHT,
    OPENED,
    PUSH,
    WAIT,
    again,
    changed,
    changes,
    journey_shop,
    messages,
    reminded,
)


def test_who_does_not_open_the_reminder_is_told_again_by_another_channel_a_day_later() -> None:
    shop = journey_shop()
    reminded(shop)
    assert changes(shop.outcomes) == [("started", None, None)]
    outcomes = shop.mark(days=2)
    assert changes(outcomes) == [
        ("stepped", "step_1", "waited"), ("stepped", "opened", "not_held"),
        ("stepped", "push", "sent"), ("ended", None, "finished"),
    ]  # fmt: skip
    assert messages(outcomes) == [("push", "push", rfc3339(at_ms(days=1, hours=1)))]
    assert {each.correlation for each in changed(shop.outcomes)} == {"cart-1"}
    assert (shop.ada.journeys, shop.ada.journey_texts, "journeys" in shop.ada.timers) == ((), {}, False)


def test_who_opens_it_is_left_alone() -> None:
    shop = journey_shop()
    trigger = reminded(shop)
    shop.sees(sent("m1", trigger_id=trigger.trigger_id, hours=1), delivered("m1", hours=1), opened("m1", hours=3))
    assert changes(shop.mark(days=2))[-2:] == [("stepped", "opened", "held"), ("ended", None, "finished")]
    assert messages(shop.outcomes) == []


def test_a_machine_that_opens_it_is_nobody() -> None:
    shop = journey_shop()
    trigger = reminded(shop)
    shop.sees(sent("m1", trigger_id=trigger.trigger_id, hours=1), opened("m1", hours=3, is_machine=True))
    assert len(messages(shop.mark(days=2))) == 1


def test_what_came_is_asked_of_the_journeys_own_last_message() -> None:
    follow = {"kind": "condition", "where": [{"feature": "message_clicked", "equals": 1}], "otherwise": "end"}
    shop = journey_shop(again(WAIT, PUSH, WAIT, follow, {"kind": "end", "outcome": "interested"}))
    reminded(shop)
    [first] = [d for o in shop.mark(days=1, hours=2) for d in o.decisions if isinstance(d, Trigger)]
    shop.sees(clicked("m2", trigger_id=first.trigger_id, channel="push", days=1, hours=3))
    assert changes(shop.mark(days=5))[-1] == ("ended", None, "interested")


def test_what_the_policy_refuses_begins_nothing() -> None:
    shop = journey_shop(consent={"marketing": "deny"})
    shop.sees(add(), consent(granted=False))
    shop.mark(days=3)
    assert changes(shop.outcomes) == []


def test_a_message_that_the_policy_refuses_is_passed_over_and_can_be_asked_for() -> None:
    refused = {"kind": "condition", "where": [{"feature": "message_refused", "equals": 1}], "otherwise": "end"}
    mail = PUSH | {"name": "mail", "channels": ["email"]}
    shop = journey_shop(
        again(WAIT, PUSH, refused, mail), cap=[{"name": "no_push", "limit": 0, "hours": 1, "channel": "push"}]
    )
    reminded(shop)
    outcomes = shop.mark(days=2)
    assert refused_by(outcomes) == [("again", "capped")]
    assert [step for step, _, _ in messages(outcomes)] == ["mail"]
    assert ("stepped", "push", "refused") in changes(outcomes)


def test_an_order_ends_it_at_once() -> None:
    shop = journey_shop()
    reminded(shop)
    assert changes(shop.sees(order("rug", hours=5))) == [("ended", None, "exit")]
    shop.mark(days=9)
    assert messages(shop.outcomes) == []


def test_an_order_ends_it_also_while_its_message_waits_for_the_night_to_end() -> None:
    shop = journey_shop(again({"kind": "wait", "hours": 10}, PUSH), quiet_hours=NIGHT)
    reminded(shop)
    assert refused_by(shop.mark(hours=12)) == [("again", "quiet_hours")]
    outcomes = shop.sees(order("rug", hours=13))
    assert refused_by(outcomes)[-1] == ("again", "over")
    assert changes(outcomes) == [("ended", None, "exit")]
    shop.mark(days=9)
    assert messages(shop.outcomes) == []


def test_a_message_that_waits_for_the_night_to_end_is_sent_in_the_morning_and_the_journey_with_it() -> None:
    shop = journey_shop(again({"kind": "wait", "hours": 10}, PUSH, WAIT), quiet_hours=NIGHT)
    reminded(shop)
    assert messages(shop.mark(days=1)) == [("push", "push", rfc3339(at_ms(hours=20)))]
    assert changes(shop.mark(hours=43.9)) == []
    assert changes(shop.mark(hours=44)) == [("stepped", "step_3", "waited"), ("ended", None, "finished")]


def test_a_condition_ends_it_too_and_what_happened_before_it_does_not() -> None:
    shop = journey_shop(again(exits_if=[{"trait": "vip", "equals": True}]))
    reminded(shop)
    shop.steps(told_later(order("vase", days=-3), hours=80))
    assert len(shop.ada.journeys) == 1
    assert changes(shop.sees(identified({"vip": True}, hours=2))) == [("ended", None, "exit")]


def test_a_reminder_that_turns_out_to_be_wrong_ends_what_it_began() -> None:
    shop = journey_shop()
    reminded(shop)
    outcomes = shop.sees(order("lamp", minutes=30))
    assert [type(d) for d in outcomes[0].decisions if isinstance(d, Retraction | JourneyChange)] == [
        Retraction,
        JourneyChange,
    ]
    assert changes(outcomes) == [("ended", None, "retracted")]


def test_an_order_of_before_its_message_that_is_told_late_takes_the_message_back() -> None:
    shop = journey_shop(again(WAIT, PUSH | {"expires_hours": 48}, WAIT))
    reminded(shop)
    shop.mark(days=1, hours=2)
    outcomes = shop.sees(order("rug", hours=20))
    assert [d.trigger for d in outcomes[0].decisions if isinstance(d, Retraction)] == ["again"]
    assert changes(outcomes) == [("ended", None, "exit")]


def test_a_wait_until_a_time_of_day_is_by_the_customers_own_clock() -> None:
    shop = journey_shop(again({"kind": "wait", "hours": 1, "until": "09:00"}, PUSH))
    shop.sees(identified({"time_zone": "Asia/Tokyo"}))
    reminded(shop)  # 13:00 UTC is 22:00 in Tokyo
    assert messages(shop.mark(days=3)) == [("push", "push", rfc3339(at_ms(hours=12)))]


def test_it_lasts_no_longer_than_it_may() -> None:
    poll = {"name": "poll", "kind": "wait", "hours": 6}
    ask = {"kind": "condition", "where": [{"feature": "message_clicked", "equals": 1}], "otherwise": "poll"}
    shop = journey_shop(again(poll, PUSH, ask, max_days=2))
    reminded(shop)
    shop.mark(days=9)
    assert len(messages(shop.outcomes)) == 1
    [ended] = [each for each in changed(shop.outcomes) if each.change == "ended"]
    assert (ended.reason, ended.at) == ("too_long", rfc3339(at_ms(days=2, hours=1)))


def test_a_customer_is_on_so_many_journeys_and_what_does_not_fit_is_told() -> None:
    shop = Shop(plan(on_order(), journeys=[again(start="thanks", exits=[])]))
    outcomes = shop.sees(*(order(minutes=number) for number in range(MAX_JOURNEYS + 1)))
    assert Counter(changes(outcomes)) == {("started", None, None): MAX_JOURNEYS, ("refused", None, "too_many"): 1}
    assert len(shop.ada.journey_texts) == 1


def test_who_is_on_a_journey_follows_the_steps_that_it_began_with() -> None:
    shop = journey_shop()
    reminded(shop)
    shop.plan = journey_shop(again(PUSH, exits=["page_viewed"])).plan
    shop.customers = {key: decode(encode(each)) for key, each in shop.customers.items()}
    shop.sees(view(hours=2))
    assert changes(shop.mark(days=2))[0] == ("stepped", "step_1", "waited")
    assert len(messages(shop.outcomes)) == 1


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        (plan(IN_CART), "removed"),
        (plan(IN_CART, journeys=[again(active=False)]), None),
        (plan(IN_CART, features=[], journeys=[again(PUSH)]), "feature_gone"),
    ],
)
def test_what_is_deleted_ends_and_what_is_inactive_goes_on(then: Plan, reason: str | None) -> None:
    declared = {"name": "odd_views", "description": "Views.", "event": "page_viewed", "window": "7d"}
    where = [{"feature": "odd_views", "above": 9}] if reason == "feature_gone" else []
    start = plan(IN_CART, features=[declared], journeys=[again(exits_if=where)])
    shop = Shop(start)
    reminded(shop)
    shop.plan = then
    last = changes(shop.mark(days=2))[-1]
    assert last == ("ended", None, reason or "finished")
    shop.sees(add(cart_id="cart-2", days=3))
    begun = [each for each in changes(shop.mark(days=4)) if each[0] == "started"]
    assert len(begun) == (reason == "feature_gone")


def test_erasure_ends_it() -> None:
    shop = journey_shop()
    reminded(shop)
    assert changes(shop.sees(erasure(hours=2))) == [("ended", None, "erased")]
    assert (shop.ada.journeys, shop.ada.journey_texts) == ((), {})


def test_a_visitor_who_is_forgotten_leaves_it() -> None:
    shop = journey_shop(again({"kind": "wait", "days": 20}), visitor_days=9)
    shop.sees(add(customer_id=None, anonymous_id="v"))
    shop.mark(days=30)
    assert changes(shop.outcomes) == [("started", None, None), ("ended", None, "forgotten")]


def test_a_release_that_knows_no_journeys_ends_them() -> None:
    """It applied an order and wrote the fields that it does not know as it read them."""
    shop = journey_shop()
    reminded(shop)
    written = encode(shop.ada)
    later = shop.ada.copy()
    later.applied_offset += 7
    older = encode(later).replace(
        f'[{later.applied_offset},[["again"'.encode(), f'[{shop.ada.applied_offset},[["again"'.encode()
    )
    assert decode(written).journeys == shop.ada.journeys
    shop.customers["c/ada"] = decode(older)
    assert changes(shop.sees(view(hours=2))) == [("ended", None, "interrupted")]


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([OPENED | {"then": "nowhere"}], "nowhere"),
        ([OPENED | {"then": None, "otherwise": "opened"}], "without a wait"),
        ([PUSH, OPENED | {"then": "push"}], "without a wait"),
        ([WAIT | {"name": "a"}, PUSH | {"name": "a"}], "two steps are called a"),
        ([WAIT | {"name": "end"}], "no step can be called end"),
        ([{"kind": "wait"}], "say for how long"),
        ([{"kind": "waits"}], "no step kind"),
        ([OPENED | {"then": None}], "same step"),
        ([PUSH | {"name": f"m{number}", "content": "x" * 200} for number in range(16)], "bytes"),
        ([PUSH | {"content": "\U0001f600" * 600}], "bytes"),
    ],
)
def test_steps_that_lead_nowhere_are_refused(steps: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        JourneySettings.model_validate({"journey": [again(*steps)]})


def test_a_definition_is_read_as_it_was_kept() -> None:
    nested = {"not": {"any": [{"tag": "vip"}, {"feature": "message_opened", "at_least": 1}]}}
    [journey] = plan(
        journeys=[again(WAIT, OPENED | {"where": [nested]}, PUSH, {"kind": "end", "outcome": "sold"})]
    ).journeys.journey
    [other] = JourneySettings.model_validate_json(f'{{"journey": [{journey.text}]}}').journey
    assert (other.text, other.digest, other.step) == (journey.text, journey.digest, journey.step)


def test_journeys_tell_facts_that_kpis_count() -> None:
    shop = journey_shop()
    reminded(shop)
    shop.mark(days=2)
    told = [fact.values for outcome in shop.outcomes for fact in outcome.facts if fact.fact == "journey"]
    assert told[0] == {"journey": "again", "change": "started"}
    assert told[-1] == {"journey": "again", "change": "ended", "reason": "finished"}
    assert sent_by(shop.outcomes) == ["abandoned_cart", "again"]
