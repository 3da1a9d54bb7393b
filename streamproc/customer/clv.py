"""Customer lifetime value: what somebody has brought, and what the next periods are expected to bring.

`CLV = sum over i = 1..n of P_i / (1 + r)^i - F`: P_i is the expected profit of period i, r the discount rate, F what it
costs to win a customer. Source: R. Berger and N. Nasr, "Customer Lifetime Value: Marketing Models and Applications"
(1998). The own rate and the own order value are drawn towards the shop's, since little is known of most customers.
"""

from typing import Annotated, NamedTuple

from pydantic import Field

from streamproc.config_file import Table
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric
from streamproc.events.calendar import on_the_wall
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS

YEAR_DAYS = 365


class ClvSettings(Table):
    """`[clv]` of `config/profile.toml`.

    Attributes:
        periods: n, so many are looked ahead.
        period_days: how long each is.
        discount_rate: of a year; that of a period follows from it.
        margin: which share of the net revenue is profit.
        acquisition_cost: F, in units of the shop's money.
        prior_years: the own rate counts as if somebody had also ordered for so many years as the shop's customers do.
        prior_orders: the own order value, as if so many orders more had been of the shop's mean.
    """

    periods: Annotated[int, Field(ge=1, le=120)] = 12
    period_days: Annotated[int, Field(ge=1, le=365)] = 30
    discount_rate: Annotated[float, Field(ge=0, le=10)] = 0.1
    margin: Annotated[float, Field(gt=0, le=1)] = 0.3
    acquisition_cost: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    prior_years: Annotated[float, Field(gt=0, le=100)] = 0.5
    prior_orders: Annotated[float, Field(gt=0, le=1_000)] = 2.0

    def present_value(self, profit: float) -> float:
        """What the same profit in each period is worth now, less what it cost to win the customer.

        >>> round(ClvSettings(periods=2, period_days=365, discount_rate=0.25, acquisition_cost=3).present_value(10), 6)
        11.4
        """
        rate = (1 + self.discount_rate) ** (self.period_days / YEAR_DAYS) - 1
        discounted: float = sum([profit / (1 + rate) ** period for period in range(1, self.periods + 1)])
        return discounted - self.acquisition_cost


DEFAULT_CLV = ClvSettings()


class OrdersForecast(NamedTuple):
    """The prediction that says how many orders there will be within its horizon."""

    name: str
    horizon_days: int


class Expected(NamedTuple):
    """What is expected of a customer.

    Attributes:
        orders: in a year.
        order_value: what each comes to, less what goes back, in units of the shop's money.
        by: what says how many orders: the name of a prediction, or `own rate`.
        clv: the lifetime value.
    """

    orders: float
    order_value: float
    by: str
    clv: float


OWN_RATE = "own rate"


def expected(view: CustomerView, settings: ClvSettings, forecast: OrdersForecast | None) -> Expected | None:
    """What is expected of a customer at a moment; it changes by whole days. None: never ordered, or nothing is known.

    As long as no figures of the shop are released, nothing is known of anybody.
    """
    figures, first = view.figures, view.customer.first_order_ms
    if figures is None or first is None or not view.customer.orders:
        return None
    said = view.customer.scores.get(forecast.name) if forecast else None
    if forecast is None or said is None:
        orders, by = _own_rate(view, first, figures, settings), OWN_RATE
    else:
        orders, by = said.value * YEAR_DAYS / forecast.horizon_days, forecast.name
    order_value = _order_value(view, figures, settings)
    profit = orders * settings.period_days / YEAR_DAYS * order_value * settings.margin
    return Expected(orders, order_value, by, settings.present_value(profit))


def _own_rate(view: CustomerView, first_ms: int, figures: ShopFigures, settings: ClvSettings) -> float:
    """Orders in a year, by those of the last one after the first of all."""
    days = view.wall_ms // DAY_MS - on_the_wall(first_ms, view.customer.zone) // DAY_MS
    repeats = view.in_days(YEAR_DAYS, Metric.ORDERS) - (0 <= days < YEAR_DAYS)
    years = max(0, min(YEAR_DAYS, days)) / YEAR_DAYS
    return max(0.0, repeats + settings.prior_years * figures.repeats_per_year) / (years + settings.prior_years)


def _order_value(view: CustomerView, figures: ShopFigures, settings: ClvSettings) -> float:
    customer = view.customer
    net = customer.revenue_micros - customer.refunded_micros + settings.prior_orders * figures.order_micros
    return max(0.0, net / MICROS) / (customer.orders + settings.prior_orders)
