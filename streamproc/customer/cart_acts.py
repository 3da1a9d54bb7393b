"""What was done with a customer's carts of late, as it is kept in a state."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from streamproc.customer.section import Rows, Section


class Did(IntEnum):
    """What was done; of what was done at the same moment the first named here is taken to be first."""

    ADDED = 0
    REMOVED = 1
    UPDATED = 2
    TOUCHED = 3
    ORDERED = 4


class Line(NamedTuple):
    """A product by its sku; `names` are digests of all its names: sku, variant, parent. No quantity: all of it."""

    sku: str
    quantity: int | None
    names: tuple[int, ...]


class CartAct(NamedTuple):
    """One thing that was done with a cart.

    Attributes:
        cart_id: with which one, None: with the one there was.
        lines: the products; of a removal none means all. Not of an order.
        order, names: which order (its digest), and the digests of its products' names.
        told_ms, content: of an order, when it was told last, and a digest of what was said then (`customer/ledger/`).
    """

    at_ms: int
    did: int
    cart_id: str | None
    lines: tuple[Line, ...] = ()
    order: int = 0
    names: tuple[int, ...] = ()
    told_ms: int = 0
    content: int = 0


class CartActs(Section[CartAct]):
    """What was done, in the order of its times."""

    __slots__ = ()

    @staticmethod
    def _rows_of(records: tuple[CartAct, ...]) -> Rows:
        """Most are no orders: then what only orders have is left out."""
        return [(*act[:3], list(map(tuple, act.lines)), *(act[4:] if act.order else ())) for act in records]

    @staticmethod
    def _records_of(rows: Rows) -> tuple[CartAct, ...]:
        return tuple(map(_act, rows))


NO_ACTS = CartActs()


def _act(row: Sequence[Any]) -> CartAct:
    lines = tuple(Line(sku, quantity, tuple(names)) for sku, quantity, names in row[3])
    order, names, *told = row[4:] or (0, ())
    return CartAct(row[0], row[1], row[2], lines, order, tuple(names), *told)
