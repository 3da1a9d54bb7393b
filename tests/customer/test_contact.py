"""When and where a customer answers: by their own clock, the newest most, and only if enough is known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.customer.codec import decode, encode
from streamproc.customer.contact import Contact, ContactSettings
from streamproc.customer.features import Features
from streamproc.customer.features.contact import contact_at
from streamproc.customer.folds.uniting import united
from streamproc.customer.responses import HOURS, Hour, beginning_of, hours_of, period_of
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.events.raw import Event
from streamproc.models.vectors import by_name, vector
from tests.builders import at_ms, clicked, delivered, erasure, folded, identified, opened, order
from tests.trying import tried

EMAIL, SMS = 0, 1
DEFAULT = ContactSettings()


def contact(customer: Customer, settings: ContactSettings = DEFAULT, **when: float) -> Contact:
    return contact_at(CustomerView(customer, at_ms(**when)), settings)


def clicks(count: int, *, hours: float = 0, **values: Any) -> list[Event]:
    """One a week, hours after noon (UTC) of a Wednesday in spring."""
    first = values.pop("first", 0)
    return [
        clicked(f"{first}-{hours}-{n}", days=-7 * (first + n), hours=hours, **values) for n in range(count)
    ]  # fmt: skip


def zone(name: str | None) -> Event:
    return identified({"time_zone": name})


def test_the_best_hour_and_channel_are_those_of_most_clicks() -> None:
    customer = folded(*clicks(6, hours=6, channel="sms"), *clicks(1, hours=-3))
    found = contact(customer)
    assert (found.hour, found.channel) == (18, SMS)
    assert 5 < found.responses < 7


@pytest.mark.parametrize(("zone_of_ada", "hour"), [("America/New_York", 8), ("Asia/Kolkata", 18), ("nowhere", 12)])
def test_the_hour_is_that_of_the_customer_s_clock_even_if_the_zone_is_known_last(zone_of_ada: str, hour: int) -> None:
    assert contact(folded(*clicks(6), zone(zone_of_ada))).hour == hour
    assert contact(folded(zone(zone_of_ada), *clicks(6))).hour == hour


def test_summer_and_winter_are_one_hour_of_the_day() -> None:
    summer, winter = clicks(4, first=0), clicks(4, first=10, hours=1)  # London: 13:00 in May and in February
    assert contact(folded(zone("Europe/London"), *summer, *winter)).hour == 13


def test_of_little_nothing_is_concluded() -> None:
    found = contact(folded(*clicks(4)))
    assert (found.hour, found.channel) == (None, None)
    assert 3 < found.responses < 4
    settings = ContactSettings(least_responses=2)
    assert contact(folded(*clicks(4)), settings).hour == 12


def test_who_answers_at_all_hours_has_no_best_one() -> None:
    everywhere = [each for hour in range(HOURS) for each in clicks(1, hours=hour)]
    found = contact(folded(*everywhere))
    assert (found.hour, found.channel) == (None, EMAIL)


def test_who_answers_around_an_hour_has_that_as_the_best_one() -> None:
    around = [*clicks(3, hours=-4), *clicks(3, hours=-3), *clicks(3, hours=-2)]
    assert contact(folded(*around)).hour == 9


def test_what_is_long_ago_counts_less() -> None:
    customer = folded(*clicks(5, hours=-4, first=40), *clicks(5, hours=6))
    assert contact(customer).hour == 18
    assert contact(customer, days=300).hour is None


def test_a_customer_is_drawn_towards_the_shop_s_whole() -> None:
    evening = [1.0] * 18 + [20.0] + [1.0] * 5
    customer = folded(*clicks(3, hours=-3), *clicks(1, hours=5), *clicks(2, hours=6))
    assert contact(customer).hour == 9
    assert contact(customer, ContactSettings(usual_hours=tuple(evening))).hour == 18
    by_shop = ContactSettings(usual_channels={"sms": 1.0}, prior_responses=100, least_channel_share=0.5)
    assert contact(customer, by_shop).channel == SMS


def test_a_message_counts_once_however_often_it_is_opened() -> None:
    customer = folded(*(opened("m1", hours=1, seconds=n) for n in range(9)), clicked("m1", hours=1, minutes=2))
    assert [hour.counts for hour in hours_of(customer.responses)] == [(2,)]


def test_what_a_machine_opened_is_taken_back() -> None:
    customer = folded(opened("m1", seconds=0.5), delivered("m1"), opened("m1", hours=5))
    (known,) = [hour for hour in hours_of(customer.responses) if any(hour.counts)]
    assert (known.hour, known.counts) == (17, (1,))


def test_nothing_is_left_of_the_erased() -> None:
    assert hours_of(folded(*clicks(6), erasure(days=1)).responses) == []


def test_two_who_are_one_have_answered_when_and_where_either_did() -> None:
    both: list[Event] = [opened("m1", hours=1), clicked("m2", hours=2)]
    one, other = folded(*both, *clicks(3)), folded(*both, *clicks(4, hours=6, channel="sms"))
    whole = folded(*both, *clicks(3), *clicks(4, hours=6, channel="sms"))
    for each in (united(one, other, {}), united(other, one, {})):
        assert [hour for hour in hours_of(each.responses) if any(hour.counts)] == hours_of(whole.responses)


responded = st.lists(
    st.builds(
        lambda make, name, hour, channel: make(name, hours=hour, channel=channel),
        st.sampled_from([opened, clicked]),
        st.sampled_from(["m1", "m2", "m3"]),
        st.integers(-300, 300),
        st.sampled_from(["email", "sms", "web"]),
    ),
    max_size=12,
    unique_by=lambda event: event.event_id,
)


@tried(100)
@given(responded, st.data())
def test_any_order_gives_the_same_and_it_survives_its_bytes(happened: list[Event], data: st.DataObject) -> None:
    one = folded(order(), *happened)
    other = folded(order(), *data.draw(st.permutations(happened)))
    known = [hour for hour in hours_of(one.responses) if any(hour.counts)]
    assert known == [hour for hour in hours_of(other.responses) if any(hour.counts)]
    assert hours_of(decode(encode(one)).responses) == hours_of(one.responses)


def test_in_models_they_are_categories_and_in_conditions_numbers() -> None:
    names = ("best_hour", "best_channel", "orders_total")
    for customer, numbers, said in (
        (folded(*clicks(6), zone("Asia/Tokyo")), [21, EMAIL], {"best_hour=21": 1.0, "best_channel=email": 1.0}),
        (folded(order()), [-1, -1], {}),
    ):
        features = Features(CustomerView(customer, at_ms()))
        assert [features["best_hour"], features["best_channel"]] == numbers
        asked = by_name(names, vector(features, names, has_categories=True))
        assert asked == said | {"orders_total": float(customer.orders)}


def test_an_hour_is_of_four_weeks() -> None:
    first, last = at_ms(), at_ms(days=60)
    (known, newer) = hours_of(folded(clicked("m1", hours=3), clicked("m2", days=60)).responses)
    assert known == Hour(period_of(first), 15, (1,))
    assert newer == Hour(period_of(last), 12, (1,))
    assert beginning_of(known.period) <= first < beginning_of(known.period + 1)


@pytest.mark.parametrize(
    "wrong", [{"usual_hours": [1.0] * 23}, {"usual_hours": [0] * 24}, {"usual_channels": {"sms": 0}}]
)
def test_usual_shares_that_say_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ContactSettings.model_validate(wrong)
