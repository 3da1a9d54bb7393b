"""Being forgotten: what is kept then, and what is still heard of what happened before.

What is kept says nothing but that marketing is refused, so that it stays refused, and what was told already, so that
being told again does not undo the erasure.
"""

from typing import TypeGuard

from streamproc.customer.folds.messaging import consent_key, set_consent
from streamproc.customer.folds.registry import folds
from streamproc.customer.ledger.table import Ledger
from streamproc.customer.messages.record import SaidToBe, told_by
from streamproc.customer.state import Consent, Customer
from streamproc.events.email import Complained, Unsubscribed
from streamproc.events.log import LogEntry
from streamproc.events.profile import EVERYTHING, MARKETING, ConsentChanged, ErasureRequested


@folds(ErasureRequested)
def fold_erasure(customer: Customer, event: ErasureRequested, at_ms: int) -> None:  # noqa: ARG001  the fold's shape
    """Forget everything else; the time of a refusal, too."""
    blank = Customer(customer.key, at_ms, at_ms)
    ledger = Ledger.of(record.forgotten(at_ms) for record in customer.ledger)
    refused = {
        key: Consent(granted=False, at_ms=at_ms)
        for key, said in customer.consents.items()
        if not said.granted and key.startswith(consent_key(MARKETING, ""))
    }
    kept = (customer.applied_offset, customer.recent_ids, ledger, refused, customer.zone)
    for name in Customer.__slots__:
        setattr(customer, name, getattr(blank, name))
    customer.applied_offset, customer.recent_ids, customer.ledger, customer.consents, customer.zone = kept
    customer.erased_ms = at_ms


def refused_late(customer: Customer, entry: LogEntry) -> Customer:
    """The erased customer after an event of before the erasure: nothing of it counts but a refusal of marketing."""
    event = entry.event
    if customer.erased_ms is None or not _refuses(event):
        return customer
    after = customer.copy()
    set_consent(after, consent_key(MARKETING, event.channel), Consent(granted=False, at_ms=customer.erased_ms))
    return after


def _refuses(event: object) -> TypeGuard[ConsentChanged | Unsubscribed | Complained]:
    if isinstance(event, ConsentChanged):
        return event.purpose in (MARKETING, EVERYTHING) and not event.granted
    return isinstance(event, Unsubscribed | Complained) and told_by(event, 0).by != SaidToBe.A_MACHINE
