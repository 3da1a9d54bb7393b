"""Not at night, nor too much: what is put off is decided again exactly once."""

from streamproc.customer.folds.uniting import united
from streamproc.customer.state import Customer
from streamproc.events.times import rfc3339
from tests.builders import (
    abandoned_cart,
    add,
    at_ms,
    identified,
    on_order,
    order,
    plan,
    refused_by,
    sent_by,
)
from tests.decide.messages.policed import shop_with, suppressions, triggers

NIGHT = {"begin": "21:00", "end": "08:00"}


def test_what_a_cap_refuses_is_decided_again_if_the_rule_says_so() -> None:
    shop = shop_with(on_order(defer=True), cap=[{"name": "one", "limit": 1, "hours": 24}])
    [refused] = suppressions(shop.sees(order(), order(hours=1)))
    assert (refused.deferred, refused.until) == (True, rfc3339(at_ms(hours=24)))
    assert sent_by(shop.mark(hours=23)) == []
    [late] = triggers(shop.mark(hours=24))
    assert (late.at, late.since, late.correlation) == (
        rfc3339(at_ms(hours=24)),
        rfc3339(at_ms(hours=1)),
        refused.correlation,
    )
    assert sent_by(shop.mark(days=9)) == []


def test_a_cool_down_may_defer_too() -> None:
    shop = shop_with(on_order(cool_down_hours=5, defer=True))
    shop.sees(order(), order(hours=1))
    assert sent_by(shop.mark(hours=5)) == ["thanks"]


def test_quiet_hours_are_waited_for_and_then_it_is_decided_again() -> None:
    shop = shop_with(on_order(cool_down_hours=0), quiet_hours=NIGHT)
    [refused] = suppressions(shop.sees(order(hours=10)))
    assert (refused.reason, refused.deferred, refused.until) == ("quiet_hours", True, rfc3339(at_ms(hours=20)))
    assert sent_by(shop.mark(hours=19.9)) == []
    assert sent_by(shop.mark(hours=20)) == ["thanks"]


def test_quiet_hours_are_those_of_the_customer() -> None:
    shop = shop_with(quiet_hours=NIGHT)
    shop.sees(identified({"time_zone": "Asia/Tokyo"}))  # 12:00 in London is 21:00 in Tokyo
    [refused] = suppressions(shop.sees(order()))
    assert refused.until == rfc3339(at_ms(hours=11))


def test_a_channel_without_quiet_hours_is_used_at_night() -> None:
    shop = shop_with(on_order(channels=["push", "email"]), quiet_hours=NIGHT | {"channels": ["push", "sms"]})
    assert [each.channel for each in triggers(shop.sees(order(hours=10)))] == ["email"]


def test_what_has_happened_in_the_meantime_is_over() -> None:
    shop = shop_with(abandoned_cart(cool_down_hours=0), quiet_hours=NIGHT)
    shop.sees(add(hours=9.5))
    assert refused_by(shop.mark(hours=11)) == [("abandoned_cart", "quiet_hours")]
    shop.sees(order("lamp", hours=12))
    assert refused_by(shop.mark(days=2)) == [("abandoned_cart", "over")]


def test_what_expires_in_the_meantime_is_not_sent() -> None:
    shop = shop_with(on_order(expires_hours=1), quiet_hours=NIGHT)
    shop.sees(order(hours=10))
    assert refused_by(shop.mark(days=2)) == [("thanks", "expired")]


def test_what_waits_for_a_rule_that_is_gone_is_told_so() -> None:
    shop = shop_with(on_order(), quiet_hours=NIGHT)
    shop.sees(order(hours=10))
    shop.plan = plan()
    assert refused_by(shop.mark(days=2)) == [("thanks", "rule_gone")]
    assert shop.ada.waiting == ()


def test_of_two_who_turn_out_to_be_one_the_same_waits_whoever_is_taken_in() -> None:
    def waiting(reason: str, until: float) -> Customer:
        shop = shop_with(quiet_hours=NIGHT)
        shop.sees(order(hours=10))
        customer = shop.ada.copy()
        [one] = customer.waiting
        customer.waiting = (one._replace(correlation="o", until_ms=at_ms(hours=until), reason=reason),)
        customer.refused = {"many": reason}
        return customer

    a, b = waiting("capped", 30), waiting("quiet_hours", 20)
    one, other = united(a, b, {}), united(b, a, {})
    assert one.waiting == other.waiting
    assert [each.reason for each in one.waiting] == ["quiet_hours"]
    assert one.refused == other.refused == {"many": "quiet_hours"}


def test_more_than_eight_do_not_wait() -> None:
    shop = shop_with(on_order(), quiet_hours=NIGHT)
    outcomes = shop.sees(*(order(hours=10, minutes=number) for number in range(9)))
    assert [each.deferred for each in suppressions(outcomes)] == [True] * 8 + [False]
    assert len(sent_by(shop.mark(days=1))) == 8
