"""`[interests]` of `config/profile.toml`: what is kept of what a customer likes, and what it comes to."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated

from pydantic import Field

from streamproc.config_file import Table
from streamproc.customer.interests import Kind
from streamproc.customer.windows import Metric

Weight = Annotated[float, Field(ge=0, le=1_000)]


class InterestSettings(Table):
    """The table.

    Attributes:
        keep: what is counted: `category` for favourite_category, `device`, `price` for price_sensitivity.
        half_life_weeks: after so many weeks it counts half.
        least_points: with fewer nothing is a favourite; a look at a product is 1, a cart 3, a line of an order 10, and
            an event on a device 1.
        usual_discount_share: of the shop's units, which share is sold at a discount.
        prior_units: the customer's share is drawn to that as if so many units more had been like the shop's.
        views, opens, clicks, carts, orders: the weights of engagement.
        engagement_half_life_days: after so many days these count half.
    """

    keep: Annotated[tuple[Kind, ...], Field(max_length=3)] = ()
    half_life_weeks: Annotated[float, Field(ge=1, le=520)] = 26.0
    least_points: Annotated[float, Field(ge=0.1, le=10_000)] = 3.0
    usual_discount_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    prior_units: Annotated[float, Field(gt=0, le=10_000)] = 10.0
    views: Weight = 1.0
    opens: Weight = 1.0
    clicks: Weight = 3.0
    carts: Weight = 5.0
    orders: Weight = 10.0
    engagement_half_life_days: Annotated[float, Field(ge=1, le=365)] = 30.0

    @cached_property
    def kept(self) -> frozenset[Kind]:
        """What is counted."""
        return frozenset(self.keep)

    @cached_property
    def engagement(self) -> Sequence[tuple[Metric, float]]:
        """What counts for engagement, and how much."""
        weights = {
            Metric.VIEWS: self.views,
            Metric.OPENS: self.opens,
            Metric.CLICKS: self.clicks,
            Metric.CARTS: self.carts,
            Metric.ORDERS: self.orders,
        }
        return [(metric, weight) for metric, weight in weights.items() if weight]


DEFAULT_INTERESTS = InterestSettings()
