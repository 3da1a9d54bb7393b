"""RFM scores and groups: 0 for who never ordered, and for all as long as learn has released no thresholds."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import partial

from streamproc.customer.categories import Named
from streamproc.customer.features.aging import Aging
from streamproc.customer.features.registry import Function, feature, names
from streamproc.customer.features.turning import Limits, Turn, Value, Watch, turns
from streamproc.customer.rfm import (
    DEFAULT_RFM,
    YEAR_DAYS,
    RfmSettings,
    frequency_score,
    monetary_score,
    recency_score,
    rfm_scores,
)
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import Metric
from streamproc.events.calendar import moment_of
from streamproc.events.times import DAY_MS

_FREQUENCY = (Aging(Metric.ORDERS, YEAR_DAYS, ()),)
_MONETARY = (Aging(Metric.REVENUE_MICROS, YEAR_DAYS, ()), Aging(Metric.REFUNDED_MICROS, YEAR_DAYS, ()))


def rfm_features(settings: RfmSettings) -> Mapping[str, Function]:
    """The features of this file that a shop sets."""
    return {"rfm_group": Named(partial(_group, settings))}


def _turning(sums: tuple[Aging, ...], *, by_recency: bool) -> Turn:
    """It is looked at wherever one of the sums changes, and where the time since the last order passes a threshold."""

    def turn(value: Value, limits: Limits) -> Watch:
        def watch(view: CustomerView, place: int) -> int | None:
            figures, last = view.figures, view.customer.last_order_ms
            if figures is None or last is None:
                return None
            moments = {edge for each in sums for edge in _edges(each, view)}
            if by_recency:
                moments |= {at_ms for at_ms in _passing(figures, last) if at_ms > view.now_ms}
            return next((at_ms for at_ms in sorted(moments) if _reached(value, limits, view, at_ms) != place), None)

        return watch

    return turn


def _reached(value: Value, limits: Limits, view: CustomerView, at_ms: int) -> int:
    return bisect_right(limits, value(view.at(at_ms)))


def _edges(sums: Aging, view: CustomerView) -> Iterator[int]:
    for day, _ in sums.edges(view.days, view.wall_ms // DAY_MS):
        yield moment_of(day, view.customer.zone)


def _passing(figures: ShopFigures, last_ms: int) -> Iterator[int]:
    for threshold in figures.recency_ms:
        yield last_ms + threshold + 1


@feature
@turns(_turning((), by_recency=True))
def rfm_recency(view: CustomerView) -> float:
    """RFM score of the days since the last order: 5, of the fifth who ordered last, to 1; 0: not known."""
    figures, last = view.figures, view.customer.last_order_ms
    return 0.0 if figures is None or last is None else float(recency_score(view, figures, last))


@feature
@turns(_turning(_FREQUENCY, by_recency=False))
def rfm_frequency(view: CustomerView) -> float:
    """RFM score of the orders in 365 days: 5, of the fifth with the most, to 1; 0: not known."""
    figures = view.figures
    return 0.0 if figures is None or view.customer.last_order_ms is None else float(frequency_score(view, figures))


@feature
@turns(_turning(_MONETARY, by_recency=False))
def rfm_monetary(view: CustomerView) -> float:
    """RFM score of the net revenue in 365 days: 5, of the fifth with the most, to 1; 0: not known."""
    figures = view.figures
    return 0.0 if figures is None or view.customer.last_order_ms is None else float(monetary_score(view, figures))


def _group(settings: RfmSettings, view: CustomerView) -> str:
    scores = rfm_scores(view)
    return "" if scores is None else settings.group_of[scores]


@names
@turns(_turning(_FREQUENCY + _MONETARY, by_recency=True))
def rfm_group(view: CustomerView) -> str:
    """The RFM group, such as champions or at_risk (profile.toml); nothing: not known."""
    return _group(DEFAULT_RFM, view)
