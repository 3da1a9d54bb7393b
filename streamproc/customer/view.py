"""A customer at a moment: what features are functions of."""

from functools import cached_property

from streamproc.customer.state import Customer
from streamproc.customer.windows import WindowSums, window_sums


class CustomerView:
    """A customer as of `now_ms`; the window sums are computed once, when first asked for."""

    def __init__(self, customer: Customer, now_ms: int) -> None:
        self.customer = customer
        self.now_ms = now_ms

    @cached_property
    def windows(self) -> WindowSums:
        """Sums over the last 24 hours and 7, 28, 90 and 365 days."""
        return window_sums(self.customer.days, self.customer.hours, self.now_ms)
