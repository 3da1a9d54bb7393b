import pytest

from streamproc.events.decisions import Suppression, Trigger
from streamproc.events.raw import Event
from streamproc.events.times import rfc3339
from tests.builders import (
    Shop,
    at_ms,
    consent,
    identified,
    on_order,
    opened,
    order,
    plan,
    refused_by,
    sent_by,
    told_later,
    unsubscribed,
)

DENY = {"consent": {"marketing": "deny"}}


def decisions(shop: Shop, *happened: Event) -> list[object]:
    return [decision for outcome in shop.sees(*happened) for decision in outcome.decisions]


def test_without_consent_there_is_a_suppression_with_the_reason() -> None:
    [decision] = decisions(Shop(plan(on_order(), policy=DENY)), order())
    assert isinstance(decision, Suppression)
    assert (decision.reason, decision.rule, decision.channel, decision.until) == ("no_consent", "consent", None, None)


def test_the_first_channel_with_consent_is_used() -> None:
    shop = Shop(plan(on_order(channels=["email", "sms", "push"]), policy=DENY))
    [trigger] = decisions(shop, consent(channel="push"), consent(channel="sms"), order())
    assert isinstance(trigger, Trigger)
    assert trigger.channel == "sms"


def test_who_unsubscribed_gets_nothing_more_on_that_channel() -> None:
    shop = Shop(plan(on_order()))
    shop.sees(unsubscribed())
    assert refused_by(shop.sees(order())) == [("thanks", "no_consent")]


def test_a_transactional_message_needs_no_consent_to_marketing() -> None:
    assert sent_by(Shop(plan(on_order(cap_class="transactional"), policy=DENY)).sees(order())) == ["thanks"]


def test_but_who_said_no_to_transactional_messages_gets_none() -> None:
    shop = Shop(plan(on_order(cap_class="transactional")))
    assert refused_by(shop.sees(consent(purpose="transactional", granted=False), order())) == [("thanks", "no_consent")]


def test_within_the_cool_down_there_is_a_suppression_that_says_until_when() -> None:
    shop = Shop(plan(on_order(cool_down_hours=24)))
    sent, refused = decisions(shop, order(), order(hours=23))
    assert isinstance(sent, Trigger)
    assert isinstance(refused, Suppression)
    assert (refused.reason, refused.until) == ("cool_down", rfc3339(at_ms(hours=24)))


@pytest.mark.parametrize(("hours", "sent"), [(23.999, 1), (24, 2), (25, 2)])
def test_the_cool_down_ends_when_it_says(hours: float, sent: int) -> None:
    assert len(sent_by(Shop(plan(on_order(cool_down_hours=24))).sees(order(), order(hours=hours)))) == sent


def test_a_refused_message_starts_no_cool_down() -> None:
    shop = Shop(plan(on_order(cool_down_hours=24)))
    assert len(sent_by(shop.sees(order(), order(hours=20), order(hours=24)))) == 2


def test_a_late_event_is_within_the_cool_down_of_what_was_sent_after_it() -> None:
    shop = Shop(plan(on_order(cool_down_hours=24)))
    assert len(sent_by(shop.sees(order(days=9), order(days=1)))) == 1


def test_each_trigger_has_its_own_cool_down() -> None:
    rules = plan(on_order(name="a", cool_down_hours=24), on_order(name="b"))
    assert sent_by(Shop(rules).sees(order(), order(hours=1))) == ["a", "b", "b"]


def test_missing_consent_is_told_before_the_cool_down() -> None:
    shop = Shop(plan(on_order(cool_down_hours=24)))
    shop.sees(order(), consent(granted=False))
    assert refused_by(shop.sees(order(hours=1))) == [("thanks", "no_consent")]


def test_what_may_go_out_once_is_refused_with_its_own_reason() -> None:
    assert refused_by(Shop(plan(on_order(once=True))).sees(order(), order())) == [("thanks", "only_once")]


@pytest.mark.parametrize(("hours", "reasons"), [(48, []), (49, [("thanks", "stale")]), (26_280, [("thanks", "stale")])])
def test_what_is_told_long_after_it_happened_is_no_occasion(hours: float, reasons: list[tuple[str, str]]) -> None:
    shop = Shop(plan(on_order()))
    assert refused_by([shop.steps(told_later(order(), hours=hours))]) == reasons
    assert shop.ada.orders == 1


def test_a_rule_may_take_older_things_for_an_occasion() -> None:
    shop = Shop(plan(on_order(max_age_hours=100)))
    assert sent_by([shop.steps(told_later(order(), hours=99))]) == ["thanks"]


def channels_of(*happened: Event) -> list[str]:
    shop = Shop(plan(on_order(channels=["email", "push", "sms"], channel_by="customer")))
    shop.sees(*happened)
    return [getattr(each, "channel", "") for each in decisions(shop, order(days=3))]


def test_the_customers_own_wish_for_a_channel_comes_first() -> None:
    assert channels_of() == ["email"]
    assert channels_of(identified({"preferred_channel": "push"})) == ["push"]
    assert channels_of(identified({"preferred_channel": "fax"})) == ["email"]
    assert channels_of(identified({"preferred_channel": "push"}), consent(channel="push", granted=False)) == ["email"]


def test_then_the_one_on_which_they_answer_most() -> None:
    answers = [opened(f"m{number}", channel="sms", hours=number) for number in range(30)]
    assert channels_of(*answers) == ["sms"]
    assert channels_of(*answers, identified({"preferred_channel": "push"})) == ["push"]
