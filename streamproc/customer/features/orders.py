"""Recency, frequency, value, and the rhythm of a customer's orders."""

from itertools import pairwise
from math import fsum, log1p, sqrt

from streamproc.customer.features.registry import feature
from streamproc.customer.features.turning import by_days, by_days_of, never, rising, since, turns
from streamproc.customer.state import Customer
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS, WEEK_MS

LAST_ORDERS = 12
"""So many of the newest orders tell the rhythm."""

NEVER_WEEKS = 520.0
"""Recency of a customer without an order: ten years."""


def _in_units(micros: int) -> float:
    return micros / MICROS


def _in_weeks(elapsed_ms: int) -> float:
    return elapsed_ms / WEEK_MS


def _in_log_weeks(elapsed_ms: int) -> float:
    return log1p(elapsed_ms / WEEK_MS)


def _in_days(elapsed_ms: int) -> float:
    return elapsed_ms / DAY_MS


def _first_order(customer: Customer) -> int | None:
    return customer.first_order_ms


def _last_order(customer: Customer) -> int | None:
    return customer.last_order_ms


def _only_order(customer: Customer) -> int | None:
    return customer.first_order_ms if customer.orders < 2 or customer.last_order_ms is None else None  # noqa: PLR2004


def _ratio_at(view: CustomerView, ratio: float) -> float | None:
    last = view.customer.last_order_ms
    return None if last is None else last + ratio * max(gap_mean_weeks(view), 1 / 7) * WEEK_MS


@feature
@turns(since(_last_order, _in_weeks))
def recency_weeks(view: CustomerView) -> float:
    """Weeks since the last order."""
    last = view.customer.last_order_ms
    return NEVER_WEEKS if last is None else max(0.0, (view.now_ms - last) / WEEK_MS)


@feature
@turns(since(_last_order, _in_log_weeks))
def log_recency_weeks(view: CustomerView) -> float:
    """log(1 + weeks since the last order)."""
    return log1p(recency_weeks(view))


@feature
@turns(never)
def orders_total(view: CustomerView) -> float:
    """Orders ever."""
    return float(view.customer.orders)


@feature
@turns(never)
def log_orders(view: CustomerView) -> float:
    """log(1 + orders ever)."""
    return log1p(view.customer.orders)


@feature
@turns(by_days(28, Metric.ORDERS))
def orders_28d(view: CustomerView) -> float:
    """Orders in the last 28 days."""
    return float(view.in_days(28, Metric.ORDERS))


@feature
@turns(by_days(90, Metric.ORDERS))
def orders_90d(view: CustomerView) -> float:
    """Orders in the last 90 days."""
    return float(view.in_days(90, Metric.ORDERS))


@feature
@turns(by_days(365, Metric.ORDERS))
def orders_365d(view: CustomerView) -> float:
    """Orders in the last 365 days: the F of RFM."""
    return float(view.in_days(365, Metric.ORDERS))


@feature
@turns(never)
def revenue_total(view: CustomerView) -> float:
    """Revenue ever, before returns, in currency units."""
    return view.customer.revenue_micros / MICROS


@feature
@turns(never)
def log_revenue(view: CustomerView) -> float:
    """log(1 + revenue ever in currency units)."""
    return log1p(view.customer.revenue_micros / MICROS)


@feature
@turns(by_days(28, Metric.REVENUE_MICROS, scale=_in_units))
def revenue_28d(view: CustomerView) -> float:
    """Revenue of the last 28 days, before returns, in currency units."""
    return view.in_days(28, Metric.REVENUE_MICROS) / MICROS


@feature
@turns(by_days_of(365, Metric.REVENUE_MICROS, Metric.REFUNDED_MICROS))
def net_revenue_365d(view: CustomerView) -> float:
    """Revenue less refunds of the last 365 days, in currency units: the M of RFM."""
    return (view.in_days(365, Metric.REVENUE_MICROS) - view.in_days(365, Metric.REFUNDED_MICROS)) / MICROS


@feature
@turns(never)
def mean_order_value(view: CustomerView) -> float:
    """Mean order value in currency units, 0 without an order."""
    return view.customer.revenue_micros / MICROS / view.customer.orders if view.customer.orders else 0.0


@feature
@turns(never)
def log_mean_order_value(view: CustomerView) -> float:
    """log(1 + mean order value)."""
    return log1p(mean_order_value(view))


@feature
@turns(since(_first_order, _in_weeks))
def tenure_weeks(view: CustomerView) -> float:
    """Weeks since the first order, 0 without one."""
    first = view.customer.first_order_ms
    return 0.0 if first is None else max(0.0, (view.now_ms - first) / WEEK_MS)


@feature
@turns(since(_only_order, _in_weeks))
def gap_mean_weeks(view: CustomerView) -> float:
    """Mean gap between orders in weeks; with one order only, the tenure."""
    customer = view.customer
    if customer.orders < 2 or customer.first_order_ms is None or customer.last_order_ms is None:  # noqa: PLR2004
        return tenure_weeks(view)
    return (customer.last_order_ms - customer.first_order_ms) / WEEK_MS / (customer.orders - 1)


@feature
@turns(never)
def gap_spread_weeks(view: CustomerView) -> float:
    """Standard deviation of the gaps between the last twelve orders, in weeks."""
    times = view.customer.ledger.order_times[-LAST_ORDERS:]
    gaps = [(later - earlier) / WEEK_MS for earlier, later in pairwise(times)]
    if len(gaps) < 2:  # noqa: PLR2004
        return 0.0
    mean = fsum(gaps) / len(gaps)
    return sqrt(fsum([(gap - mean) ** 2 for gap in gaps]) / len(gaps))


@feature
@turns(rising(_ratio_at))
def gap_ratio(view: CustomerView) -> float:
    """Recency over the mean gap, at most 10: above 1 the customer is later than usual."""
    gap = gap_mean_weeks(view)
    return min(10.0, recency_weeks(view) / max(gap, 1 / 7))


@feature
@turns(never)
def refunds_total(view: CustomerView) -> float:
    """Refunds and cancellations ever."""
    return float(view.customer.refunds)


@feature
@turns(never)
def log_refunds(view: CustomerView) -> float:
    """log(1 + refunds and cancellations ever)."""
    return log1p(view.customer.refunds)


@feature
@turns(since(_last_order, _in_days))
def days_since_last_order(view: CustomerView) -> float:
    """Days since the last order: the R of RFM."""
    last = view.customer.last_order_ms
    return NEVER_WEEKS * 7 if last is None else max(0.0, (view.now_ms - last) / DAY_MS)
