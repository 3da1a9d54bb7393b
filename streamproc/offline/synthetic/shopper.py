"""A customer as the synthetic story knows them: habits that stay, and what happened so far."""

from dataclasses import dataclass, field
from typing import NamedTuple

from streamproc.events.times import HOUR_MS
from streamproc.offline.synthetic.dice import dice_for, happens

DEVICES = ("desktop", "mobile", "tablet")
DEVICE_WEIGHTS = (5, 4, 1)


class Article(NamedTuple):
    """A product as it was sold last: price in micros."""

    sku: str
    price: int
    currency: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is browsing, and with what."""

    device: str
    customer_id: str | None = None
    anonymous_id: str | None = None
    locale: str = "en-GB"


@dataclass(slots=True)
class Shopper:
    """A customer with at least one real order.

    Attributes:
        visitor: the customer on the device that they always use.
        browsing_ms: the time of day at which they like to look around, in ms since midnight.
        opens_ratio: how many of their mails they open.
        scanned: whether a machine at their provider opens mails before they do.
        mailable: whether e-mail may be sent: consent given, not withdrawn, address alive.
        ordered_ms: time of the last real order.
        liked: articles of the last real order.
        in_cart: skus left in the cart by an abandoned visit.
    """

    visitor: Visitor
    browsing_ms: int
    opens_ratio: float
    scanned: bool
    mailable: bool = False
    ordered_ms: int = 0
    liked: tuple[Article, ...] = ()
    in_cart: set[str] = field(default_factory=set)

    @property
    def customer_id(self) -> str:
        """The real customer id."""
        return self.visitor.customer_id or ""


def meet(seed: int, customer_id: str, ordering_hour: int) -> Shopper:
    """A new customer: most look around at the hour of day at which they order, some in the evening."""
    dice = dice_for(seed, "shopper", customer_id)
    hour = dice.gauss(20, 1) if happens(0.4, dice) else dice.gauss(ordering_hour, 1.5)
    return Shopper(
        visitor=Visitor(dice.choices(DEVICES, DEVICE_WEIGHTS)[0], customer_id=customer_id),
        browsing_ms=round(min(max(hour, 6.0), 22.5) * HOUR_MS),
        opens_ratio=dice.betavariate(2, 4),
        scanned=happens(0.1, dice),
    )
