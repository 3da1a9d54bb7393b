import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.features import FEATURES, Features
from streamproc.customer.folds.messaging import consent_key
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import KEEP_DAYS, KEEP_HOURS
from streamproc.events.raw import Event
from tests.builders import at_ms, cancel, clicked, folded, opened, order, refund, view


def feature(name: str, *happened: Event, **when: float) -> float:
    """A feature at a moment, after these events."""
    return Features(CustomerView(folded(*happened), at_ms(**when)))[name]


countable = st.one_of(
    st.builds(lambda minutes: view(minutes=minutes), st.integers(0, 10**6)),
    st.builds(lambda minutes: order(minutes=minutes), st.integers(0, 10**6)),
    st.builds(lambda minutes: refund(minutes=minutes), st.integers(0, 10**6)),
    st.builds(lambda minutes: clicked(minutes=minutes), st.integers(0, 10**6)),
)


@settings(deadline=None)
@given(
    st.lists(countable, min_size=1, max_size=25).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some)))
)
def test_the_order_of_arrival_does_not_matter_to_what_is_counted(both: tuple[list[Event], list[Event]]) -> None:
    one, other = (folded(*happened) for happened in both)
    assert (one.days, one.hours) == (other.days, other.hours)
    assert (one.orders, one.revenue_micros, one.refunds, one.refunded_micros) == (
        other.orders, other.revenue_micros, other.refunds, other.refunded_micros,
    )  # fmt: skip
    assert (one.first_order_ms, one.last_order_ms) == (other.first_order_ms, other.last_order_ms)
    assert (one.first_seen_ms, one.last_seen_ms) == (other.first_seen_ms, other.last_seen_ms)
    assert one.ledger == other.ledger


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_the_windows_are_bounded(minutes: list[int]) -> None:
    customer = folded(*[view(minutes=minute) for minute in minutes])
    assert max(customer.days) - min(customer.days) < KEEP_DAYS
    assert max(customer.hours) - min(customer.hours) < KEEP_HOURS


@pytest.mark.parametrize(
    ("name", "hours_in", "hours_out"),
    # noon of 1 May: a window of n days is today and the n - 1 days before it, 24 hours are this hour and 23 before it
    [("views_24h", 23, 24), ("views_7d", 6 * 24 + 11, 7 * 24), ("views_28d", 27 * 24 + 11, 28 * 24)],
)
def test_a_window_ends_where_it_says(name: str, hours_in: float, hours_out: float) -> None:
    assert feature(name, view(), hours=hours_in) == 1
    assert feature(name, view(), hours=hours_out) == 0


@pytest.mark.parametrize(("name", "days"), [("orders_28d", 28), ("orders_90d", 90), ("orders_365d", 365)])
def test_an_order_counts_on_the_last_day_of_its_window(name: str, days: int) -> None:
    assert feature(name, order(), days=days - 1) == 1
    assert feature(name, order(), days=days) == 0


def test_a_window_of_a_year_has_its_first_day_while_new_days_come() -> None:
    assert feature("orders_365d", order(), view(days=364), days=364) == 1


def test_what_comes_later_does_not_count_yet() -> None:
    assert feature("views_7d", view(), view(days=1), days=0) == 1


def test_a_late_event_counts_where_it_belongs() -> None:
    assert feature("views_7d", view(days=20), view(days=15), days=20) == 2
    assert feature("views_7d", view(days=20), view(days=1), days=20) == 1


def test_net_revenue_has_refunds_and_cancellations_taken_off() -> None:
    happened: list[Event] = [order(pounds=30, order_id="o1"), refund("o1", pounds=5, days=1), cancel("o1", 10, days=2)]
    assert feature("net_revenue_365d", *happened, days=3) == 20
    assert feature("revenue_total", *happened, days=3) == 30
    assert feature("refunds_total", *happened, days=3) == 2


def test_the_cancellation_of_an_unknown_order_gives_nothing_back() -> None:
    assert folded(order(pounds=30), cancel("another")).refunded_micros == 0


def test_an_order_without_a_paid_line_is_no_order() -> None:
    customer = folded(order(pounds=0))
    assert (customer.orders, customer.first_order_ms, customer.last_order_ms) == (0, None, None)


def test_the_rhythm_of_orders() -> None:
    happened: list[Event] = [order(), order(days=7), order(days=28)]
    assert feature("gap_mean_weeks", *happened, days=28) == 2
    assert feature("gap_spread_weeks", *happened, days=28) == 1
    assert feature("gap_ratio", *happened, days=56) == 2
    assert feature("recency_weeks", *happened, days=56) == 4
    assert feature("tenure_weeks", *happened, days=56) == 8


def test_every_feature_has_a_value_for_a_customer_who_did_nothing_countable() -> None:
    known = Features(CustomerView(folded(opened(is_machine=True)), at_ms()))
    assert all(isinstance(known[name], float) for name in FEATURES)


def test_a_purpose_and_a_channel_make_the_key_of_a_consent() -> None:
    assert consent_key("marketing", "email") == "marketing:email"
