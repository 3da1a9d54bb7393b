"""What a customer has brought, and is expected to bring."""

from dataclasses import replace
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.clv import OWN_RATE, ClvSettings, Expected, OrdersForecast, expected
from streamproc.customer.features import FEATURES
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer, LastScore
from streamproc.customer.view import CustomerView
from streamproc.events.money import MICROS
from tests.builders import at_ms, folded, order, plan, refund, view

FIGURES = ShopFigures("1", (1, 2, 3, 4), (1, 1, 2, 3), (1, 2, 3, 4), 2.0, 40 * MICROS)
SETTINGS = ClvSettings()
ORDERS = {"kind": "amount", "of": "orders", "horizon_days": 73, "features": ["log_orders"]}


def found(customer: Customer, days: float = 0, forecast: OrdersForecast | None = None) -> Expected:
    said = expected(CustomerView(customer, at_ms(days=days), FIGURES), SETTINGS, forecast)
    assert said is not None
    return said


@given(st.integers(1, 60), st.integers(1, 365), st.floats(0, 2), st.floats(0, 1000), st.floats(0, 10_000))
def test_the_value_is_the_sum_of_the_formula(periods: int, days: int, rate: float, cost: float, profit: float) -> None:
    settings = ClvSettings(periods=periods, period_days=days, discount_rate=rate, acquisition_cost=cost)
    total, factor = -cost, 1.0
    for _ in range(periods):
        factor /= (1 + rate) ** (days / 365)
        total += profit * factor
    assert isclose(settings.present_value(profit), total, rel_tol=1e-9, abs_tol=1e-6)


def test_a_new_customer_is_expected_to_order_as_the_shop_s_do() -> None:
    said = found(folded(order(pounds=100)))
    assert (said.orders, said.by) == (2.0, OWN_RATE)
    assert said.order_value == (100 + 2 * 40) / 3


def test_what_is_known_of_a_year_outweighs_the_shop() -> None:
    often = folded(*(order(order_id=f"o{days}", days=days) for days in range(0, 365, 5)))
    assert found(often, days=364).orders > 40
    assert found(often, days=800).orders < 1


def test_a_forecast_of_orders_is_believed_where_there_is_one() -> None:
    customer, forecast = folded(order()), OrdersForecast("orders_73d", 73)
    assert found(customer, forecast=forecast).by == OWN_RATE
    customer.scores = {"orders_73d": LastScore(3.0, at_ms(), "orders_73d-1")}
    assert (found(customer, forecast=forecast).orders, found(customer, forecast=forecast).by) == (15.0, "orders_73d")
    assert plan(others={"orders_73d": ORDERS}).orders_forecast == forecast


def test_history_is_orders_less_what_went_back() -> None:
    customer = folded(order(pounds=30), refund(pounds=12))
    assert FEATURES["clv_historic"](CustomerView(customer, at_ms())) == 18


def test_nothing_is_expected_of_who_never_ordered_and_before_a_release() -> None:
    assert FEATURES["clv"](CustomerView(folded(view()), at_ms(), FIGURES)) == 0
    assert FEATURES["clv"](CustomerView(folded(order()), at_ms())) == 0


def test_other_parameters_are_another_plan() -> None:
    rules = plan()
    other = replace(rules, profile=rules.profile.model_copy(update={"clv": ClvSettings(margin=0.5)}))
    assert other.version != rules.version
