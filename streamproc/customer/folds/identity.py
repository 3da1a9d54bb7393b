"""Profile events: traits and consent."""

import orjson

from streamproc.customer.folds.messaging import consent_key, set_consent
from streamproc.customer.folds.registry import folds
from streamproc.customer.state import MAX_TRAITS, MAX_TRAITS_BYTES, Consent, Customer
from streamproc.events.base import RawEvent
from streamproc.events.profile import ConsentChanged, Identified, Linked, Merged, Trait


@folds(Identified)
def fold_traits(customer: Customer, event: Identified, at_ms: int) -> None:  # noqa: ARG001  traits have no time yet
    """Take over what was said of the customer, as far as there is room; one that is too long is left out."""
    kept: dict[str, Trait] = {}
    room = MAX_TRAITS_BYTES
    for name, trait in {**customer.traits, **event.traits}.items():
        size = len(orjson.dumps({name: trait}))
        if size <= room and len(kept) < MAX_TRAITS:
            kept[name] = trait
            room -= size
    customer.traits = kept


@folds(ConsentChanged)
def fold_consent(customer: Customer, event: ConsentChanged, at_ms: int) -> None:
    """What the customer allows from now on."""
    set_consent(customer, consent_key(event.purpose, event.channel), Consent(event.granted, at_ms))


@folds(Linked, Merged)
def fold_link(customer: Customer, event: RawEvent, at_ms: int) -> None:
    """Noted as activity; moving the other profile's state over is the identity stage's work."""
