"""What the shop's customers are like: the fifths of RFM, how often they order again, and what an order comes to."""

from collections.abc import Mapping
from math import isfinite

from streamproc.customer.shop_figures import SCORES, ShopFigures
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS, WEEK_MS
from streamproc.models.sketch import QuantileSketch, require_sketch
from streamproc.models.snapshot_error import SnapshotError

RECENCY, FREQUENCY, MONETARY, TENURE = "days_since_last_order", "orders_365d", "net_revenue_365d", "tenure_weeks"
YEAR_WEEKS = 365 / 7
SHARES = tuple(fifths / SCORES for fifths in range(1, SCORES))
SKETCHES = {RECENCY: DAY_MS, FREQUENCY: 1, MONETARY: MICROS}
"""What fifths are found of, and in which part of their unit they are released."""


class RfmModel:
    """Sketches and sums over the samples; changes with each.

    Attributes:
        week: of the newest sample.
        sketches: by what is sketched.
        years: for how long, up to a year, the sampled have been customers; `repeats`: the orders after their first.
        orders, net: the orders of their last years, and what they came to in units of the shop's money.
    """

    def __init__(self) -> None:
        self.week = 0
        self.sketches = {name: QuantileSketch() for name in SKETCHES}
        self.years = 0.0
        self.repeats = 0.0
        self.orders = 0.0
        self.net = 0.0

    def learn(self, features: Mapping[str, float], at_ms: int, half_life_weeks: float) -> None:
        """One sample, of this moment; those of before count half after so many weeks."""
        week = at_ms // WEEK_MS
        if week > self.week:
            self._fade(0.5 ** ((week - self.week) / half_life_weeks))
            self.week = week
        for name, sketch in self.sketches.items():
            sketch.add(features[name])
        orders, tenure = features[FREQUENCY], features[TENURE]
        self.years += min(1.0, tenure / YEAR_WEEKS)
        self.repeats += orders - (tenure <= YEAR_WEEKS)
        self.orders += orders
        self.net += features[MONETARY]

    def _fade(self, factor: float) -> None:
        for sketch in self.sketches.values():
            sketch.fade(factor)
        self.years *= factor
        self.repeats *= factor
        self.orders *= factor
        self.net *= factor


class RfmFifths:
    """What is released of it.

    Attributes:
        thresholds: of each sketch four, ascending: in milliseconds, orders, micros.
        repeats_per_year, order_value: as the figures have them; the latter in units of the shop's money.
    """

    def __init__(self, model: RfmModel) -> None:
        self.thresholds = {
            name: [int(sketch.quantile(share) * SKETCHES[name]) for share in SHARES]
            for name, sketch in model.sketches.items()
        }
        self.repeats_per_year = max(0.0, model.repeats / model.years) if model.years else 0.0
        self.order_value = max(0.0, model.net / model.orders) if model.orders else 0.0

    def figures(self, version: str) -> ShopFigures:
        """The figures of a version."""
        recency, frequency, monetary = (tuple(self.thresholds[name]) for name in (RECENCY, FREQUENCY, MONETARY))
        order_micros = round(self.order_value * MICROS)
        return ShopFigures(version, recency, frequency, monetary, self.repeats_per_year, order_micros)


def require_rfm(model: object) -> RfmModel | RfmFifths:
    """The model, if it is one of these, with finite numbers.

    Raises:
        SnapshotError: it is not.
    """
    match model:
        case RfmModel():
            _require(model.sketches, (model.years, model.repeats, model.orders, model.net))
            for sketch in model.sketches.values():
                require_sketch(sketch)
            return model
        case RfmFifths():
            _require(model.thresholds, (model.repeats_per_year, model.order_value))
            if not all(len(each) == len(SHARES) and sorted(each) == each for each in model.thresholds.values()):
                raise SnapshotError(f"it has not {len(SHARES)} ascending thresholds of each")
            return model
        case _:
            raise SnapshotError(f"the model is of RFM, this is a {type(model).__name__}")


def _require(held: Mapping[str, object], numbers: tuple[float, ...]) -> None:
    if held.keys() != SKETCHES.keys():
        raise SnapshotError(f"it is about {', '.join(held)}, not {', '.join(SKETCHES)}")
    if not all(map(isfinite, numbers)):
        raise SnapshotError("it has numbers that are not finite: what it says would mean nothing")
