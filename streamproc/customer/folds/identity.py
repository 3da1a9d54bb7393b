"""Profile events: traits, tags and consent."""

from collections.abc import Mapping

import orjson

from streamproc.customer.folds.messaging import consent_key, set_consent
from streamproc.customer.folds.registry import folds
from streamproc.customer.reach import addressed
from streamproc.customer.state import MAX_TRAITS, MAX_TRAITS_BYTES, MAX_TRAITS_GONE, Consent, Customer, TagWord
from streamproc.customer.tags import with_words
from streamproc.events.base import RawEvent
from streamproc.events.profile import (
    EVERYTHING,
    PURPOSES,
    ConsentChanged,
    Identified,
    Linked,
    Merged,
    TagChanged,
    Trait,
    Unlinked,
)

MAX_SOURCE_CHARS = 32

_ADDRESSES = {"email": "email", "phone": "sms"}
"""Traits that are addresses, and their channels."""


@folds(Identified)
def fold_traits(customer: Customer, event: Identified, at_ms: int) -> None:
    """Take over what was said of the customer."""
    source = (event.source or "")[:MAX_SOURCE_CHARS]
    with_traits(customer, {name: (at_ms, trait, source) for name, trait in event.traits.items()})


def with_traits(customer: Customer, told: Mapping[str, tuple[int, Trait, str]]) -> None:
    """Of each trait the newest word (epoch ms, value, source), and of one moment the greater; None takes it away."""
    known, times, sources = customer.traits, customer.trait_times, customer.trait_sources
    said = {
        name: (at_ms, trait, source)
        for name, (at_ms, trait, source) in told.items()
        if (at_ms, _as_text(trait), source) > (times.get(name, -1), _as_text(known.get(name)), sources.get(name, ""))
    }
    newest = {**known, **{name: trait for name, (_, trait, _) in said.items()}}
    for name, channel in _ADDRESSES.items():
        at_ms, address, _ = told.get(name, (0, None, ""))
        if isinstance(address, str):
            customer.reach = addressed(customer.reach, channel, at_ms, address)
    customer.traits = _that_fit({name: trait for name, trait in newest.items() if trait is not None})
    customer.trait_times = _newest({**times, **{name: at_ms for name, (at_ms, *_) in said.items()}}, customer.traits)
    named = {**sources, **{name: source for name, (*_, source) in said.items()}}
    customer.trait_sources = {name: source for name, source in named.items() if source and name in customer.trait_times}


def _as_text(trait: Trait) -> bytes:
    """Nothing comes before everything, and the rest is in one order whatever its type."""
    return b"" if trait is None else orjson.dumps(trait)


def _that_fit(traits: dict[str, Trait]) -> dict[str, Trait]:
    """As far as there is room; one that is too long is left out."""
    kept: dict[str, Trait] = {}
    room = MAX_TRAITS_BYTES
    for name, trait in traits.items():
        size = len(orjson.dumps({name: trait}))
        if size <= room and len(kept) < MAX_TRAITS:
            kept[name] = trait
            room -= size
    return kept


def _newest(times: dict[str, int], traits: dict[str, Trait]) -> dict[str, int]:
    """The times of the traits there are, and of those that were taken away last."""
    gone = sorted((name for name in times if name not in traits), key=lambda name: (times[name], name))
    return {name: times[name] for name in (*traits, *gone[-MAX_TRAITS_GONE:])}


@folds(ConsentChanged)
def fold_consent(customer: Customer, event: ConsentChanged, at_ms: int) -> None:
    """What the customer allows from now on; a word about everything is one about each purpose, whatever comes first."""
    said, everything = Consent(event.granted, at_ms), consent_key(EVERYTHING, event.channel)
    if event.purpose == EVERYTHING:
        known = [key for key in customer.consents if key.endswith(f":{event.channel}")]
        asked = [consent_key(purpose, event.channel) for purpose in (EVERYTHING, *sorted(PURPOSES))]
        for key in dict.fromkeys((*asked, *known)):
            set_consent(customer, key, said)
        return
    key = consent_key(event.purpose, event.channel)
    set_consent(customer, key, said)
    if key in customer.consents and everything in customer.consents:
        set_consent(customer, key, customer.consents[everything])


@folds(TagChanged)
def fold_tag(customer: Customer, event: TagChanged, at_ms: int) -> None:
    """Take over what was said of a tag."""
    with_words(customer, {event.tag: TagWord(at_ms, event.given, event.by)})


@folds(Linked, Unlinked, Merged)
def fold_link(customer: Customer, event: RawEvent, at_ms: int) -> None:
    """Noted as activity; who is who is found out by `decide/identity/who.py`, which claims keys and moves states."""
