"""What an event does with a cart."""

from functools import lru_cache

from streamproc.customer.cart import MAX_NAMES, with_act
from streamproc.customer.cart_acts import CartAct, CartActs, Did, Line
from streamproc.customer.ledger.record import order_digest
from streamproc.customer.ledger.telling import content_of
from streamproc.events.base import RawEvent
from streamproc.events.clickstream import CartAdded, CartLine, CartRemoved, CartUpdated, CheckoutStarted
from streamproc.events.identifiers import digest_of
from streamproc.events.purchase import OrderLine, OrderPlaced

NAME_BYTES = 5


def acts_after(acts: CartActs, event: RawEvent, at_ms: int) -> CartActs:
    """What was done with carts, this event included."""
    match event:
        case CartAdded():
            act = _added(event, at_ms)
        case CartRemoved():
            act = _removed(event, at_ms)
        case CartUpdated() | CheckoutStarted():
            act = _told(event, at_ms)
        case OrderPlaced():
            act = _ordered(event, at_ms)
        case _:
            return acts
    return with_act(acts, act)


def _added(event: CartAdded, at_ms: int) -> CartAct:
    """Of quantity 0 nothing is in the cart any more."""
    did, quantity = (Did.ADDED, event.quantity) if event.quantity else (Did.REMOVED, None)
    return CartAct(at_ms, did, event.cart_id, (Line(event.sku, quantity, _names(event)),))


def _removed(event: CartRemoved, at_ms: int) -> CartAct:
    names = _names(event)
    lines = (Line(event.sku or "", event.quantity or None, names),) if names else ()
    return CartAct(at_ms, Did.REMOVED, event.cart_id, lines)


def _told(event: CartUpdated | CheckoutStarted, at_ms: int) -> CartAct:
    """The whole content; a check-out that does not tell it only touches the cart."""
    lines = tuple(Line(line.sku, line.quantity, _names(line)) for line in event.lines if line.quantity)
    did = Did.TOUCHED if isinstance(event, CheckoutStarted) and not event.lines else Did.UPDATED
    return CartAct(at_ms, did, event.cart_id, lines)


def _ordered(event: OrderPlaced, at_ms: int) -> CartAct:
    names = tuple(sorted({name for line in event.lines for name in _names(line)})[:MAX_NAMES])
    return CartAct(at_ms, Did.ORDERED, event.cart_id, (), order_digest(event.order_id), names, at_ms, content_of(event))


def _names(product: CartAdded | CartRemoved | CartLine | OrderLine) -> tuple[int, ...]:
    """Digests of all the names that a product has: its own number, its variant's, its parent's."""
    if product.sku and product.variant is None and product.product_id is None:
        return (_digest(product.sku),)
    names = {product.sku, product.variant, product.product_id}
    return tuple(sorted([_digest(name) for name in names if name]))


@lru_cache(maxsize=65536)
def _digest(name: str) -> int:
    """A shop's products come again and again."""
    return digest_of(name.encode(), NAME_BYTES)
