"""Adding to the rolling windows of a customer."""

from streamproc.customer.state import Customer
from streamproc.customer.windows import KEEP_DAYS, KEEP_HOURS, Delta
from streamproc.events.calendar import day_of
from streamproc.events.times import HOUR_MS


def count(customer: Customer, at_ms: int, amounts: Delta) -> None:
    """Add the amounts to the day and the hour of `at_ms`."""
    customer.days = customer.days.counted(day_of(at_ms, customer.zone), amounts, KEEP_DAYS)
    customer.hours = customer.hours.counted(at_ms // HOUR_MS, amounts, KEEP_HOURS)
