"""Profiles: who a visitor is and what they allow (`shop.profile.v1`)."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from streamproc.events.base import RawEvent, Text
from streamproc.events.email import Channel
from streamproc.events.identifiers import Id

MAX_WHOLE = 2**63 - 1
MAX_TRAITS_OF_EVENT = 64


def _storable(number: int) -> int:
    if abs(number) > MAX_WHOLE:
        raise ValueError("not a 64-bit number")
    return number


Trait = Text | Annotated[int, AfterValidator(_storable)] | float | bool | None
"""What is said of a customer; a whole number beyond 64 bits is kept as a fraction, since no state could hold it."""


Purpose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=128),
]
"""What messages are for, in small letters."""

MARKETING: Final = "marketing"
TRANSACTIONAL: Final = "transactional"
PURPOSES = frozenset((MARKETING, TRANSACTIONAL))
"""What the policy asks about; a shop may know more (`config/policy.toml`)."""

EVERYTHING = "all"
"""Stands for each purpose there is."""


class Identified(RawEvent):
    """Facts that the customer, or a system of the shop, gave about the customer."""

    type: Literal["identified"] = "identified"
    traits: Annotated[dict[Id, Trait], Field(max_length=MAX_TRAITS_OF_EVENT, default_factory=dict)]


class Linked(RawEvent):
    """An anonymous visitor turned out to be this customer (both ids are needed)."""

    NEEDS: ClassVar[tuple[str, ...]] = ("customer_id", "anonymous_id")

    type: Literal["linked"] = "linked"


class Unlinked(RawEvent):
    """The anonymous visitor is not this customer, from now on (both ids are needed)."""

    NEEDS: ClassVar[tuple[str, ...]] = ("customer_id", "anonymous_id")

    type: Literal["unlinked"] = "unlinked"


class Merged(RawEvent):
    """Two customer records are one person: `merged_customer_id` goes up in `customer_id`."""

    NEEDS: ClassVar[tuple[str, ...]] = ("customer_id",)

    type: Literal["merged"] = "merged"
    merged_customer_id: Id


class ConsentChanged(RawEvent):
    """The customer allowed, or no longer allows, messages for a purpose, or for `all`, on a channel."""

    type: Literal["consent_changed"] = "consent_changed"
    purpose: Purpose = MARKETING
    channel: Channel
    granted: bool


TAG_CHANGED: Final = "tag_changed"


class TagChanged(RawEvent):
    """A system of the shop, or an import, gives the customer a tag, or takes away the one that it gave."""

    type: Literal["tag_changed"] = "tag_changed"
    tag: Id
    given: bool
    by: Literal["event", "import"] = "event"


class ErasureRequested(RawEvent):
    """The customer wants to be forgotten."""

    type: Literal["erasure_requested"] = "erasure_requested"
