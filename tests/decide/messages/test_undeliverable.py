"""A channel that does not reach the customer is not used."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.email import Bounced, Deferred, Dropped
from streamproc.events.raw import Event
from tests.builders import Shop, consent, delivered, envelope, identified, on_order, order, plan, refused_by, sent_by
from tests.trying import tried


def bounce(kind: str = "hard", **values: Any) -> Bounced:
    return Bounced.model_validate({"message_id": "m1", "kind": kind} | envelope(values))


def refused(*happened: Event, days: float = 1, **rule: Any) -> list[str]:
    shop = Shop(plan(on_order(**rule)))
    shop.sees(*happened)
    return [reason for _, reason in refused_by(shop.sees(order(days=days)))]


def test_a_hard_bounce_keeps_messages_back() -> None:
    assert refused(bounce()) == ["hard_bounce"]
    assert refused(bounce(), days=4_00) == ["hard_bounce"]


@pytest.mark.parametrize(
    "heals", [delivered("m2", minutes=1), identified({"email": "new@example.org"}, minutes=1), consent(minutes=1)]
)
def test_until_a_delivery_a_new_address_or_a_fresh_opt_in(heals: Event) -> None:
    assert [refused(*told) for told in permutations([bounce(), heals])] == [[], []]


def test_an_address_that_is_told_again_is_no_new_one() -> None:
    told: list[Event] = [
        identified({"email": "a@x.org"}),
        bounce(minutes=1),
        identified({"email": " A@X.org"}, minutes=2),
    ]
    assert [refused(*each) for each in permutations(told)] == [["hard_bounce"]] * 6
    assert refused(*told, identified({"email": "b@x.org"}, minutes=3)) == []


def test_back_at_an_older_address_is_a_new_one() -> None:
    told: list[Event] = [
        identified({"email": said}, minutes=minutes) for minutes, said in ((0, "a"), (2, "b"), (4, "a"))
    ]
    assert [refused(*each) for each in permutations([*told, bounce(minutes=3)])] == [[]] * 24
    assert [refused(*each) for each in permutations([*told, bounce(minutes=5)])] == [["hard_bounce"]] * 24


def test_an_address_that_is_told_late_may_stand_between_two_that_were_alike() -> None:
    words = ((0, "a"), (2, "a"), (4, "a"), (1, "b"))
    told: list[Event] = [identified({"email": said}, minutes=minutes) for minutes, said in words]
    assert [refused(*each) for each in permutations([*told, bounce(minutes=3)])] == [["hard_bounce"]] * 120


def test_an_address_that_is_told_very_often_is_no_new_one() -> None:
    often = [identified({"email": "a"}, minutes=minutes) for minutes in range(20)]
    assert refused(*often, bounce(minutes=3)) == ["hard_bounce"]


def test_a_new_telephone_is_a_new_address_of_text_messages() -> None:
    lost = bounce(channel="sms")
    assert refused(lost, channels=["sms"]) == ["hard_bounce"]
    assert refused(lost, identified({"phone": "+44 1"}, minutes=1), channels=["sms"]) == []


addresses = st.builds(
    lambda minutes, address: identified({"email": address}, minutes=minutes), st.integers(0, 9), st.sampled_from("ab")
)
bounces = st.builds(
    lambda minutes, kind: bounce(kind, minutes=minutes), st.integers(0, 9), st.sampled_from(["hard", "soft", "block"])
)
wells = st.builds(lambda minutes: delivered("m2", minutes=minutes), st.integers(0, 9))
words = st.builds(lambda minutes, granted: consent(minutes=minutes, granted=granted), st.integers(0, 9), st.booleans())


@tried(150)
@given(st.lists(st.one_of(addresses, bounces, wells, words), max_size=8), st.data())
def test_whether_a_channel_reaches_the_customer_does_not_depend_on_the_order_of_arrival(
    happened: list[Event], data: st.DataObject
) -> None:
    assert refused(*happened) == refused(*data.draw(st.permutations([*happened, *happened])))


def test_an_opt_in_of_before_is_none() -> None:
    assert refused(consent(), bounce(minutes=1)) == ["hard_bounce"]


def test_three_soft_bounces_in_a_row_do_so_for_a_week() -> None:
    softs = [bounce("soft", minutes=minutes) for minutes in range(3)]
    assert refused(*softs) == ["soft_bounces"]
    assert refused(*softs, days=8) == []
    assert refused(*softs[:2]) == []
    assert refused(*softs, delivered("m2", minutes=1.5)) == []


@pytest.mark.parametrize("kind", ["block", "undetermined"])
def test_what_is_neither_hard_nor_soft_says_nothing_of_the_address(kind: str) -> None:
    assert refused(bounce(kind), bounce(kind), bounce(kind)) == []


@pytest.mark.parametrize("kind", [Deferred, Dropped])
def test_what_the_sender_still_tries_or_never_tried_is_no_bounce(kind: type[Deferred | Dropped]) -> None:
    assert refused(*(kind(message_id=f"m{number}", **envelope({"minutes": number})) for number in range(4))) == []


@pytest.mark.parametrize("kind", [Deferred, Dropped])
def test_nor_is_it_a_delivery(kind: type[Deferred | Dropped]) -> None:
    assert refused(bounce(), kind(message_id="m2", **envelope({"minutes": 1}))) == ["hard_bounce"]


def test_that_a_channel_bounced_is_told_whatever_other_channels_are_not_allowed() -> None:
    shop = Shop(plan(on_order(channels=["email", "push"]), policy={"consent": {"marketing": "deny"}}))
    shop.sees(consent(days=-1), bounce())
    assert refused_by(shop.sees(order(days=1))) == [("thanks", "hard_bounce")]


def test_the_next_channel_is_used() -> None:
    shop = Shop(plan(on_order(channels=["email", "push"])))
    shop.sees(bounce())
    assert sent_by(shop.sees(order())) == ["thanks"]
