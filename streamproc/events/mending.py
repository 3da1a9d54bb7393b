"""What is odd in an order, a refund or a cancellation, and costs nobody anything if it is set right.

The amount paid decides. So a line without a product's number, or with a broken quantity, does not cost the order; what
an order cannot do without (its id, its currency, its money) is not guessed. This is asked only of messages that could
not be read as they are, so it takes no time of the others.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from streamproc.events.base import MAX_QUANTITY
from streamproc.events.identifiers import plain_id
from streamproc.events.money import MAX_MICROS
from streamproc.events.purchase import ORDER_PLACED, OrderCancelled, OrderPlaced, OrderRefunded

UNKNOWN_SKU = "unknown"
"""The product of a line that names none, or none that can be read."""

_TYPES = frozenset(cls.model_fields["type"].default for cls in (OrderPlaced, OrderRefunded, OrderCancelled))
_AMOUNTS = ("amount", "total", "discount")
_KEPT_OF_LINE = ("category", "variant", "product_id")
_NEEDLESS = ("coupon", "cart_id")
_MOST_TEXT = 256


def mended(tree: dict[str, Any]) -> dict[str, Any] | None:
    """An event of an order with what could be set right; None: it is none, or nothing was changed."""
    kind = tree.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    changed = {name: value for name, value in tree.items() if name not in _NEEDLESS or _is_text(value)}
    changed |= {name: whole for name in _AMOUNTS if (whole := _whole(tree.get(name))) is not None}
    if isinstance(currency := tree.get("currency"), str):
        changed["currency"] = currency.strip().upper()
    lines, paid = _lines(tree.get("lines")), changed.get("total" if kind == ORDER_PLACED else "amount")
    if lines or (paid is not None and kind != ORDER_PLACED):
        changed["lines"] = lines
    elif paid is not None:
        changed["lines"] = [{"sku": UNKNOWN_SKU, "quantity": 1, "unit_price": paid}]
    return None if changed == tree else changed


def _lines(said: object) -> list[dict[str, Any]]:
    return [line for each in said if (line := _line(each)) is not None] if isinstance(said, list) else []


def _line(said: object) -> dict[str, Any] | None:
    """A line that can be read; None: nothing was sold by it, or nobody knows for how much."""
    if not isinstance(said, dict):
        return None
    quantity, price = _number(said.get("quantity"), MAX_QUANTITY), _number(said.get("unit_price"), MAX_MICROS)
    if not quantity or price is None:
        return None
    if quantity != quantity.to_integral_value():
        quantity, price = Decimal(1), quantity * price
    line = {
        "sku": _sku(said.get("sku")),
        "quantity": int(quantity),
        "unit_price": min(round(price), MAX_MICROS),
        "discount": round(_number(said.get("discount"), MAX_MICROS) or 0),
    }
    return line | {name: said[name] for name in _KEPT_OF_LINE if _is_text(said.get(name))}


def _sku(said: object) -> str:
    try:
        return plain_id(str(said), 64) if isinstance(said, str | int) and not isinstance(said, bool) else UNKNOWN_SKU
    except ValueError:
        return UNKNOWN_SKU


def _whole(said: object) -> int | None:
    """A whole number that was written as 5000000.0 or "5000000"."""
    number = _number(said, MAX_MICROS)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _number(said: object, most: int) -> Decimal | None:
    """A number from 0 to the most that there can be, written as a number or as a short text."""
    if isinstance(said, bool) or not isinstance(said, int | float | str) or len(str(said)) > _MOST_TEXT:
        return None
    try:
        number = Decimal(str(said).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= most else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _MOST_TEXT // 2
