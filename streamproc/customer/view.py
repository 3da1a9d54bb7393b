"""A customer at a moment: what features are functions of."""

from streamproc.customer.state import Customer
from streamproc.customer.windows import Metric
from streamproc.events.calendar import on_the_wall
from streamproc.events.times import DAY_MS, HOUR_MS


class CustomerView:
    """A customer as of `now_ms`; what starts after it does not count."""

    __slots__ = ("_day", "customer", "now_ms", "wall_ms")

    def __init__(self, customer: Customer, now_ms: int) -> None:
        self.customer = customer
        self.now_ms = now_ms
        self.wall_ms = on_the_wall(now_ms, customer.zone)
        self._day = self.wall_ms // DAY_MS

    def at(self, now_ms: int) -> "CustomerView":
        """The same customer at another moment, if nothing happens until then."""
        return CustomerView(self.customer, now_ms)

    def in_days(self, days: int, metric: Metric) -> int:
        """The sum over a window of n days: today and the n-1 days before it."""
        return self.customer.days.total(metric, self._day - days + 1, self._day)

    def in_hours(self, hours: int, metric: Metric) -> int:
        """The sum over a window of n hours: this hour and the n-1 before it."""
        hour = self.now_ms // HOUR_MS
        return self.customer.hours.total(metric, hour - hours + 1, hour)
