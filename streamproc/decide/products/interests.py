"""What customers like, use and wait for: noted as far as the configuration asks for it."""

from streamproc.customer.interest_settings import InterestSettings
from streamproc.customer.interests import noted
from streamproc.decide.moment import CORRECTED, Moment
from streamproc.events.base import RawEvent


def note_interests(moment: Moment, settings: InterestSettings) -> None:
    """Count what an event says; an order that is told anew counts as it was told first."""
    customer, event = moment.customer, moment.entry.event
    if not (settings.keep or customer.interests):
        return
    if isinstance(event, RawEvent) and moment.happened != CORRECTED:
        customer.interests = noted(customer.interests, event, moment.now_ms, settings.kept)
