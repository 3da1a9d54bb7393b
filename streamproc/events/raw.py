"""The union of all raw events, told apart by `type`."""

from collections.abc import Callable
from typing import Annotated, get_args

from pydantic import Field, TypeAdapter

from streamproc.events.base import Contract
from streamproc.events.catalogue import ProductChanged
from streamproc.events.clickstream import (
    CartAdded,
    CartRemoved,
    CartUpdated,
    CheckoutStarted,
    PageViewed,
    ProductViewed,
    Searched,
)
from streamproc.events.email import (
    Bounced,
    Clicked,
    Complained,
    Deferred,
    Delivered,
    Dropped,
    Opened,
    Sent,
    Unsubscribed,
)
from streamproc.events.profile import (
    ConsentChanged,
    ErasureRequested,
    Identified,
    Linked,
    Merged,
    TagChanged,
    Unlinked,
)
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded
from streamproc.events.source import SourceProgressed

ClickstreamEvent = PageViewed | ProductViewed | Searched | CartAdded | CartRemoved | CartUpdated | CheckoutStarted
EmailEvent = Sent | Deferred | Dropped | Delivered | Bounced | Opened | Clicked | Complained | Unsubscribed
PurchaseEvents = OrderPlaced | OrderRefunded | OrderCancelled
ProfileEvent = Identified | Linked | Unlinked | Merged | ConsentChanged | TagChanged | ErasureRequested

Event = ClickstreamEvent | EmailEvent | PurchaseEvents | ProfileEvent | ProductChanged
"""Something that a customer, a visitor or the shop did, or that is true of a product."""

RAW: TypeAdapter[Event | SourceProgressed] = TypeAdapter(
    Annotated[Event | SourceProgressed, Field(discriminator="type")]
)

read_raw: Callable[[bytes], Event | SourceProgressed] = RAW.validator.validate_json
"""Reads the JSON text of a raw event; raises pydantic's `ValidationError`. It is what `RAW` calls at last."""

FAMILIES: dict[str, tuple[type[Contract], ...]] = {
    "profile": get_args(ProfileEvent),
    "clickstream": get_args(ClickstreamEvent),
    "email": get_args(EmailEvent),
    "purchase": get_args(PurchaseEvents),
    "catalogue": (ProductChanged,),
}
"""The event types of each raw dataset, as `topics/*.toml` names them.

Of what arrives at the same time, the families named first stand first in the customer log: consents before orders.
"""

FAMILY_OF: dict[type[Contract], str] = {cls: family for family, classes in FAMILIES.items() for cls in classes}
"""The family of each event class."""

EVENT_TYPES: dict[str, type[Contract]] = {cls.model_fields["type"].default: cls for cls in FAMILY_OF}
"""Every event class by the value of its `type`."""
