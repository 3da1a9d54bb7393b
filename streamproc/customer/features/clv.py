"""What customers have brought, and will bring: 0 as long as nothing of the shop's customers is released."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial

from streamproc.customer.clv import DEFAULT_CLV, YEAR_DAYS, ClvSettings, OrdersForecast, expected
from streamproc.customer.features.registry import Function, feature
from streamproc.customer.features.turning import Limits, Value, Watch, first_after, never, turns
from streamproc.customer.view import CustomerView
from streamproc.events.calendar import moment_of
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS


def clv_features(settings: ClvSettings, forecast: OrdersForecast | None) -> Mapping[str, Function]:
    """The features of this file as a shop has set them."""
    return {"clv": partial(_clv, settings, forecast)}


def _falling(value: Value, limits: Limits) -> Watch:
    """By time alone it only falls, on days of the shop, until a year lies behind all orders.

    Unless something is known of after the moment: then it is looked for day by day.
    """

    def watch(view: CustomerView, place: int) -> int | None:
        if view.figures is None or not view.customer.orders:
            return None
        today, zone = view.wall_ms // DAY_MS, view.customer.zone

        def has_turned(day: int) -> bool:
            return bisect_right(limits, value(view.at(moment_of(day, zone)))) != place

        last = max(today, *view.days.numbers[-1:]) + YEAR_DAYS + 1
        if view.days.can_rise(today):
            day = next((day for day in range(today + 1, last + 1) if has_turned(day)), None)
        else:
            day = first_after(has_turned, today, last)
        return None if day is None else moment_of(day, zone)

    return watch


def _clv(settings: ClvSettings, forecast: OrdersForecast | None, view: CustomerView) -> float:
    found = expected(view, settings, forecast)
    return 0.0 if found is None else found.clv


@feature
@turns(never)
def clv_historic(view: CustomerView) -> float:
    """What the customer has brought: orders less what went back, in currency units."""
    return (view.customer.revenue_micros - view.customer.refunded_micros) / MICROS


@feature
@turns(_falling)
def clv(view: CustomerView) -> float:
    """What the customer is expected to bring, discounted (profile.toml), in currency units; 0: not known."""
    return _clv(DEFAULT_CLV, None, view)
