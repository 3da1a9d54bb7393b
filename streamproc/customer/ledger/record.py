"""What is remembered of one order: the newest that was told of it, and each thing that was given back of it."""

from functools import lru_cache
from typing import Literal, NamedTuple

from streamproc.events.identifiers import digest_of

REST = -1
"""In the place of micros: all of the order that was not given back otherwise."""

NO_RATE = -2
"""In the place of micros: money of a currency that has no rate, so nobody knows how much it is."""

FORGOTTEN = -3
"""In the place of micros: a return of before the customer was forgotten. It was told, and is in none of the sums."""

CONTENT_BYTES = 4
NEWEST_CONTENT = 2 ** (8 * CONTENT_BYTES) - 1
"""No other telling of the same time is newer."""

ReturnKind = Literal["refunded", "cancelled"]


class Return(NamedTuple):
    """A refund or a cancellation; it is told any number of times and is the same by its digest.

    Attributes:
        digest: of the refund's id, of its event's if it has none, or of what a cancellation says.
        at_ms: when it was told to have happened first; that is its day.
        told_ms: when it was told last.
        micros: how much by the last telling, in the shop's money; `REST`, `NO_RATE`, `FORGOTTEN`.
    """

    kind: ReturnKind
    digest: int
    at_ms: int
    told_ms: int
    micros: int
    currency: str


class OrderRecord(NamedTuple):
    """An order, or the returns of one that has not come.

    Attributes:
        digest: of the order's id.
        at_ms: when it was told to have been placed first; that is its day. Without the order, the first return's.
        told_ms: when it was told last, None: it has not come.
        micros: the amount by the last telling, in the shop's money; `NO_RATE`.
        content: a digest of what the last telling said.
    """

    digest: int
    at_ms: int
    told_ms: int | None = None
    micros: int = 0
    content: int = 0
    currency: str = ""
    returns: tuple[Return, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is an order that somebody pays for; samples and replacements are not."""
        return self.told_ms is not None and self.micros != 0

    def forgotten(self, at_ms: int) -> "OrderRecord":
        """What is left when the customer is to be forgotten: only that what was told until then is no news."""
        returns = tuple(each._replace(told_ms=at_ms, micros=FORGOTTEN) for each in self.returns)
        return self._replace(told_ms=at_ms, micros=0, content=NEWEST_CONTENT, returns=returns)


@lru_cache(maxsize=1024)
def order_digest(order_id: str) -> int:
    """What an order is found by; whoever deals with an order's event asks again."""
    return digest_of(order_id.encode())
