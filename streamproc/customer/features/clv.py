"""What customers have brought, and will bring: 0 as long as nothing of the shop's customers is released."""

from collections.abc import Mapping
from functools import partial

from streamproc.customer.clv import DEFAULT_CLV, YEAR_DAYS, ClvSettings, OrdersForecast, expected
from streamproc.customer.features.registry import Function, feature
from streamproc.customer.features.turning import falling_by_days, never, turns
from streamproc.customer.view import CustomerView
from streamproc.events.money import MICROS


def clv_features(settings: ClvSettings, forecast: OrdersForecast | None) -> Mapping[str, Function]:
    """The features of this file as a shop has set them."""
    return {"clv": partial(_clv, settings, forecast)}


def _clv(settings: ClvSettings, forecast: OrdersForecast | None, view: CustomerView) -> float:
    found = expected(view, settings, forecast)
    return 0.0 if found is None else found.clv


@feature
@turns(never)
def clv_historic(view: CustomerView) -> float:
    """What the customer has brought: orders less what went back, in currency units."""
    return (view.customer.revenue_micros - view.customer.refunded_micros) / MICROS


@feature
@turns(falling_by_days(YEAR_DAYS))
def clv(view: CustomerView) -> float:
    """What the customer is expected to bring, discounted (profile.toml), in currency units; 0: not known."""
    return _clv(DEFAULT_CLV, None, view)
