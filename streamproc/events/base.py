"""What every raw event has in common: identity, time, and strict, bounded field types."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from streamproc.events.address import Address
from streamproc.events.identifiers import Id

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
"""Free text such as a search, trimmed; 1 to 256 characters."""

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]
"""The address of a page, trimmed; 1 to 2,048 characters."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""

MAX_QUANTITY = 10**7
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
QuantityOrNone = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]
"""In a cart 0 means: none of it."""


class Contract(BaseModel):
    """A message at the border: strict types, immutable, unknown fields ignored (so dropped).

    `WEIGHTY` are fields that have a default, and without which an event would say something else
    (`events/tolerance.py`).
    """

    WEIGHTY: ClassVar[frozenset[str]] = frozenset()

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, frozen=True, extra="ignore", ser_json_inf_nan="null")


class RawEvent(Contract):
    """The envelope that every raw event shares, whatever its type.

    `email` is the person's address, of which the customer log has only a keyed hash (`events/address.py`).
    `occurred_at` is the producer's clock; `sent_at`, if given, lets collect correct that clock. `NEEDS` are the ids
    without which the event means nothing; most events need any one.
    """

    NEEDS: ClassVar[tuple[str, ...]] = ()
    WEIGHTY: ClassVar[frozenset[str]] = frozenset(
        (
            "customer_id", "anonymous_id", "purpose", "channel", "kind",
            "total", "discount", "amount", "lines",
        )
    )  # fmt: skip

    event_id: Id
    occurred_at: AwareDatetime
    customer_id: Id | None = None
    anonymous_id: Id | None = None
    email: Address | None = None
    sent_at: AwareDatetime | None = None
    source: Text | None = None
