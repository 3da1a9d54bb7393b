"""A customer at a moment: what features are functions of."""

from streamproc.customer.columns import Columns
from streamproc.customer.shop_clusters import ShopClusters
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer
from streamproc.customer.windows import Metric
from streamproc.events.calendar import on_the_wall
from streamproc.events.times import DAY_MS, HOUR_MS


class CustomerView:
    """A customer as of `now_ms`; what starts after it does not count.

    `figures` are what the shop's customers are like, `clusters` into which they fall; None as long as nothing has been
    released of that.
    """

    __slots__ = ("_day", "_days", "_hours", "clusters", "contact", "customer", "figures", "now_ms", "wall_ms")

    def __init__(
        self,
        customer: Customer,
        now_ms: int,
        figures: ShopFigures | None = None,
        clusters: ShopClusters | None = None,
        counted: tuple[Columns | None, Columns | None] = (None, None),
    ) -> None:
        self.customer = customer
        self.now_ms = now_ms
        self.figures = figures
        self.clusters = clusters
        self.wall_ms = on_the_wall(now_ms, customer.zone)
        self._day = self.wall_ms // DAY_MS
        self._days, self._hours = counted
        self.contact: object = None
        """What `features/contact.py` has found out already: two features ask for it."""

    @property
    def days(self) -> Columns:
        """What was counted by days."""
        if self._days is None:
            self._days = Columns(self.customer.days)
        return self._days

    @property
    def hours(self) -> Columns:
        """What was counted by hours."""
        if self._hours is None:
            self._hours = Columns(self.customer.hours)
        return self._hours

    def at(self, now_ms: int) -> "CustomerView":
        """The same customer at another moment, if nothing happens until then."""
        return CustomerView(self.customer, now_ms, self.figures, self.clusters, (self._days, self._hours))

    def in_days(self, days: int, metric: Metric) -> int:
        """The sum over a window of n days: today and the n-1 days before it."""
        return (self._days or self.days).total(metric, self._day - days + 1, self._day)

    def in_hours(self, hours: int, metric: Metric) -> int:
        """The sum over a window of n hours: this hour and the n-1 before it."""
        hour = self.now_ms // HOUR_MS
        return (self._hours or self.hours).total(metric, hour - hours + 1, hour)
