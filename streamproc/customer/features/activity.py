"""Browsing, the cart, and what a customer does with messages."""

from math import log1p

from streamproc.customer.features.registry import feature
from streamproc.customer.features.turning import by_days, by_hours, never, turns
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric


@feature
@turns(by_hours(24, Metric.VIEWS))
def views_24h(view: CustomerView) -> float:
    """Pages, products and searches seen in the last 24 hours."""
    return float(view.in_hours(24, Metric.VIEWS))


@feature
@turns(by_days(7, Metric.VIEWS))
def views_7d(view: CustomerView) -> float:
    """Pages, products and searches seen in the last 7 days."""
    return float(view.in_days(7, Metric.VIEWS))


@feature
@turns(by_days(28, Metric.VIEWS))
def views_28d(view: CustomerView) -> float:
    """Pages, products and searches seen in the last 28 days."""
    return float(view.in_days(28, Metric.VIEWS))


@feature
@turns(by_days(7, Metric.VIEWS, scale=log1p))
def log_views_7d(view: CustomerView) -> float:
    """log(1 + views in 7 days)."""
    return log1p(view.in_days(7, Metric.VIEWS))


@feature
@turns(by_days(28, Metric.VIEWS, scale=log1p))
def log_views_28d(view: CustomerView) -> float:
    """log(1 + views in 28 days)."""
    return log1p(view.in_days(28, Metric.VIEWS))


@feature
@turns(by_days(28, Metric.CARTS))
def carts_28d(view: CustomerView) -> float:
    """Products put into the cart in the last 28 days."""
    return float(view.in_days(28, Metric.CARTS))


@feature
@turns(never)
def cart_lines(view: CustomerView) -> float:
    """Different products in the cart now."""
    cart = view.customer.cart
    return float(len(cart.lines)) if cart else 0.0


@feature
@turns(never)
def sessions_total(view: CustomerView) -> float:
    """Sessions ever."""
    return float(view.customer.sessions)


@feature
@turns(by_days(28, Metric.OPENS))
def opens_28d(view: CustomerView) -> float:
    """Messages opened by the person in the last 28 days."""
    return float(view.in_days(28, Metric.OPENS))


@feature
@turns(by_days(28, Metric.CLICKS))
def clicks_28d(view: CustomerView) -> float:
    """Links of messages clicked by the person in the last 28 days."""
    return float(view.in_days(28, Metric.CLICKS))


@feature
@turns(by_days(28, Metric.OPENS, scale=log1p))
def log_opens_28d(view: CustomerView) -> float:
    """log(1 + opens in 28 days)."""
    return log1p(view.in_days(28, Metric.OPENS))


@feature
@turns(by_days(28, Metric.CLICKS, scale=log1p))
def log_clicks_28d(view: CustomerView) -> float:
    """log(1 + clicks in 28 days)."""
    return log1p(view.in_days(28, Metric.CLICKS))
