"""Profile events: traits, consent, and being forgotten."""

import orjson

from streamproc.customer.folds.messaging import consent_key, set_consent
from streamproc.customer.folds.registry import folds
from streamproc.customer.state import MAX_TRAITS, MAX_TRAITS_BYTES, Consent, Customer
from streamproc.events.base import RawEvent
from streamproc.events.profile import ConsentChanged, ErasureRequested, Identified, Linked, Merged, Trait


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


@folds(ErasureRequested)
def fold_erasure(customer: Customer, event: ErasureRequested, at_ms: int) -> None:  # noqa: ARG001  the fold's shape
    """Forget everything; what is left only keeps it from being undone by what is told again."""
    blank = Customer(customer.key, at_ms, at_ms)
    ledger = tuple(record.forgotten(at_ms) for record in customer.ledger)
    kept = (customer.applied_offset, customer.recent_ids, ledger, customer.zone)
    for name in Customer.__slots__:
        setattr(customer, name, getattr(blank, name))
    customer.applied_offset, customer.recent_ids, customer.ledger, customer.zone = kept


@folds(Linked, Merged)
def fold_link(customer: Customer, event: RawEvent, at_ms: int) -> None:
    """Noted as activity; moving the other profile's state over is the identity stage's work."""
