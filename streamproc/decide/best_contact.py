"""What a decision suggests to whoever acts on it: when and where the customer answers most."""

from typing import TypedDict

from streamproc.customer.contact import ContactSettings
from streamproc.customer.features.contact import contact_at
from streamproc.customer.local_time import zone_of
from streamproc.customer.messages.record import CHANNELS
from streamproc.decide.moment import Moment


class BestContact(TypedDict):
    """The fields of a trigger or an offer; None: not enough is known."""

    best_hour: int | None
    best_channel: str | None
    time_zone: str | None


def best_contact(moment: Moment, settings: ContactSettings) -> BestContact:
    """What is known of the customer at a moment; the zone is that of the hour."""
    found, customer = contact_at(moment.features.view, settings), moment.customer
    return {
        "best_hour": found.hour,
        "best_channel": None if found.channel is None else CHANNELS[found.channel],
        "time_zone": None if found.hour is None else zone_of(customer, customer.zone),
    }
