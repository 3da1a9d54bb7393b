"""Adding to the rolling windows of a customer."""

from streamproc.customer.state import Customer
from streamproc.customer.windows import KEEP_DAYS, KEEP_HOURS, Bucket, counted
from streamproc.events.times import DAY_MS, HOUR_MS


def count(customer: Customer, at_ms: int, amounts: Bucket) -> None:
    """Add the amounts to the day and the hour of `at_ms`."""
    customer.days = counted(customer.days, at_ms // DAY_MS, amounts, KEEP_DAYS)
    customer.hours = counted(customer.hours, at_ms // HOUR_MS, amounts, KEEP_HOURS)
