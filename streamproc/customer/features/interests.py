"""What a customer likes, uses and waits for, and how engaged they are; what is long ago counts less."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial

from streamproc.customer.categories import Named
from streamproc.customer.features.registry import Function, feature, names
from streamproc.customer.features.turning import Limits, Value, Watch, falling_by_days, first_after, turns
from streamproc.customer.interest_settings import DEFAULT_INTERESTS, InterestSettings
from streamproc.customer.interests import Kind, by_name
from streamproc.customer.responses import PERIOD_WEEKS, beginning_of, period_of
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Buckets
from streamproc.events.times import DAY_MS

YEAR_DAYS = 365
FAR_PERIODS = 260
"""After twenty years nothing is known any more."""


def interest_features(settings: InterestSettings) -> Mapping[str, Function]:
    """The features of this file as a shop has set them."""
    return {
        "favourite_category": Named(partial(_favourite, settings, "category")),
        "device": Named(partial(_favourite, settings, "device")),
        "price_sensitivity": partial(_price_sensitivity, settings),
        "engagement": partial(_engagement, settings),
    }


def _by_periods(value: Value, limits: Limits) -> Watch:
    """It fades every four weeks, all in the same way: so it reaches fewer limits, or goes, and does not come back."""

    def watch(view: CustomerView, place: int) -> int | None:
        interests = view.customer.interests
        if not interests:
            return None
        present = period_of(view.now_ms)

        def has_turned(period: int) -> bool:
            return bisect_right(limits, value(view.at(beginning_of(period)))) != place

        newest = max(held.numbers[-1] for held in interests.values())
        if newest > present:
            found = next((each for each in range(present + 1, newest + 2) if has_turned(each)), None)
            if found is not None:
                return beginning_of(found)
        found = first_after(has_turned, max(newest, present), present + FAR_PERIODS)
        return None if found is None else beginning_of(found)

    return watch


def _faded(settings: InterestSettings, held: Buckets, view: CustomerView, column: int = 1) -> float:
    present, total = period_of(view.now_ms), 0.0
    for period, row in zip(held.numbers, held.rows, strict=True):
        if len(row) > column and period <= present:
            total += row[column] * 0.5 ** ((present - period) * PERIOD_WEEKS / settings.half_life_weeks)
    return total


def _favourite(settings: InterestSettings, kind: Kind, view: CustomerView) -> str:
    """The name with the most points, the first of equals, if there are enough."""
    points = {name: _faded(settings, held, view) for name, held in by_name(view.customer.interests, kind).items()}
    best = min(points, key=lambda name: (-round(points[name], 9), name), default="")
    return best if best and sum(points.values()) >= settings.least_points else ""


def _price_sensitivity(settings: InterestSettings, view: CustomerView) -> float:
    held = by_name(view.customer.interests, "price").get("", Buckets())
    units, cheaper = (_faded(settings, held, view, column) for column in (1, 2))
    usual = settings.usual_discount_share
    return (cheaper + settings.prior_units * usual) / (units + settings.prior_units) / usual


def _engagement(settings: InterestSettings, view: CustomerView) -> float:
    today, total = view.wall_ms // DAY_MS, 0.0
    for metric, weight in settings.engagement:
        for day, count in view.days.counts_from(today - YEAR_DAYS + 1, metric):
            if day <= today:
                total += weight * count * 0.5 ** ((today - day) / settings.engagement_half_life_days)
    return total


@names
@turns(_by_periods)
def favourite_category(view: CustomerView) -> str:
    """The category that the customer looks at, carts and buys most; nothing: not known (profile.toml)."""
    return _favourite(DEFAULT_INTERESTS, "category", view)


@names
@turns(_by_periods)
def device(view: CustomerView) -> str:
    """The device that the customer browses with most; nothing: not known (profile.toml)."""
    return _favourite(DEFAULT_INTERESTS, "device", view)


@feature
@turns(_by_periods)
def price_sensitivity(view: CustomerView) -> float:
    """Share of the units bought at a discount by the shop's share, drawn to it: 1 is like others (profile.toml)."""
    return _price_sensitivity(DEFAULT_INTERESTS, view)


@feature
@turns(falling_by_days(YEAR_DAYS))
def engagement(view: CustomerView) -> float:
    """Views, opens, clicks, carts and orders of a year by their weights, half after a half-life (profile.toml)."""
    return _engagement(DEFAULT_INTERESTS, view)
