"""The products that a customer has seen of late, and at which price; what is bought is not watched any more.

The newest thing that was done with a product decides. Rows of one product that time has passed (`settled_ms`) give way
to the newest of them; those behind it all stay, since what is told later may come to stand between them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from streamproc.customer.section import Rows, Section
from streamproc.events.base import RawEvent
from streamproc.events.clickstream import CartAdded, CartUpdated, CheckoutStarted, ProductViewed
from streamproc.events.purchase import OrderPlaced

MAX_SIGHTINGS = 40
"""So many are kept of a customer: what was bought and not seen gives way first, then what was seen longest ago."""


class Sighting(NamedTuple):
    """A product was seen, or bought.

    Attributes:
        at_ms: when (epoch ms).
        sku: which product.
        price: what it cost as the customer saw it, in micros; None: the event did not say.
        currency: of the price; empty: the shop's.
        is_bought: from then on the customer has it.
    """

    at_ms: int
    sku: str
    price: int | None = None
    currency: str = ""
    is_bought: bool = False


class Sightings(Section[Sighting]):
    """Sightings in the order of their times."""

    __slots__ = ()

    @staticmethod
    def _rows_of(records: tuple[Sighting, ...]) -> Rows:
        """What is as mostly is left out at the end of a row."""
        return [_trimmed(each) for each in records]

    @staticmethod
    def _records_of(rows: Rows) -> tuple[Sighting, ...]:
        return tuple([Sighting(*row) for row in rows])


NO_SIGHTINGS = Sightings()
_USUAL = Sighting(0, "")


def _trimmed(sighting: Sighting) -> tuple[Any, ...]:
    kept = len(sighting)
    while sighting[kept - 1] == _USUAL[kept - 1]:
        kept -= 1
    return tuple(sighting[:kept])


def sightings_of(event: RawEvent, at_ms: int, currency: str) -> Iterator[Sighting]:
    """What an event shows to have been seen or bought; `currency` is the shop's."""
    match event:
        case ProductViewed():
            yield Sighting(at_ms, event.sku, event.price, _other(event.currency, currency))
        case CartAdded() if event.quantity:
            yield Sighting(at_ms, event.sku, event.unit_price, _other(event.currency, currency))
        case CartUpdated() | CheckoutStarted():
            yield from (Sighting(at_ms, line.sku) for line in event.lines if line.quantity)
        case OrderPlaced():
            yield from (Sighting(at_ms, name, is_bought=True) for name in bought_in(event))


def bought_in(order: OrderPlaced) -> tuple[str, ...]:
    """The products of an order, by each number that a line gives."""
    names = [name for line in order.lines for name in (line.sku, line.variant, line.product_id) if name]
    return tuple(dict.fromkeys(names))


def _other(currency: str | None, own: str) -> str:
    return "" if currency in (None, own) else str(currency)


def noted(known: Sightings, new: Iterable[Sighting], settled_ms: int | None, oldest_ms: int) -> Sightings:
    """With what was seen, without what was seen before `oldest_ms`; the same if that changes nothing."""
    rows = [each for each in sorted({*known, *new}, key=_order) if each.at_ms >= oldest_ms]
    newest = {each.sku: each for each in rows if settled_ms is not None and each.at_ms <= settled_ms}
    kept = [each for each in rows if settled_ms is None or each.at_ms > settled_ms or newest[each.sku] is each]
    after = _bounded(kept)
    return known if after == known.records else Sightings.of(after)


def united(one: Sightings, two: Sightings) -> Sightings:
    """What either of two has seen who turn out to be one."""
    if not two.rows:
        return one
    return Sightings.of(_bounded(sorted({*one, *two}, key=_order)))


def last_of(sightings: Sightings, sku: str, until_ms: int) -> Sighting | None:
    """What was done last with a product until a moment."""
    return max((each for each in sightings if each.sku == sku and each.at_ms <= until_ms), key=_order, default=None)


def watched(sightings: Sightings) -> frozenset[str]:
    """The products that were seen, and were not bought since at any time that all is known of."""
    return frozenset(each.sku for each in sightings if not each.is_bought)


def _order(sighting: Sighting) -> tuple[int, bool, str, int, str]:
    """In the order of the times; what happened at one moment in an order that no arrival changes, purchases last."""
    price = -1 if sighting.price is None else sighting.price
    return sighting.at_ms, sighting.is_bought, sighting.sku, price, sighting.currency


def _bounded(rows: list[Sighting]) -> tuple[Sighting, ...]:
    if len(rows) <= MAX_SIGHTINGS:
        return tuple(rows)
    seen = {each.sku for each in rows if not each.is_bought}
    leaving = sorted(rows, key=lambda each: (each.sku in seen, _order(each)))[: len(rows) - MAX_SIGHTINGS]
    return tuple(sorted(set(rows).difference(leaving), key=_order))
