"""One line of an order from the parts that a row says of it: what it costs is right, or the row is wrong.

A message of a shop may hold a line that makes no sense, and its order counts without it, since the amount paid decides.
In a table the lines are all that is known of the amount: here such a line is a wrong row, and puts its order aside.
"""

from typing import Any

from streamproc.events.base import MAX_QUANTITY
from streamproc.events.money import MAX_MICROS, MICROS
from streamproc.offline.tables.bad_row import BadRowError

Line = dict[str, Any]


def line_of(parts: Line) -> Line:
    """A line with the price of a piece; a product that has no number is unknown, and no reason to lose the order.

    Raises:
        BadRowError: the number of pieces or what they cost is not there, or cannot be.
    """
    quantity = parts.get("quantity")
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        raise BadRowError(
            "lines.quantity", "empty" if quantity is None else f"{quantity} pieces are no line of an order"
        )
    line = _priced(parts) if "amount" in parts else parts
    if "unit_price" not in line:
        raise BadRowError("lines", "what it costs is empty")
    for part in ("unit_price", "discount"):
        if not 0 <= line.get(part, 0) <= MAX_MICROS:
            raise BadRowError(
                f"lines.{part}", f"{line[part] / MICROS} is no price; a sign of the export: absolute = true"
            )
    return line


def _priced(parts: Line) -> Line:
    """What is only known for the whole row: the price of a piece is rounded up, and the discount takes the rest.

    So `quantity * unit_price - discount` is what was paid, to the last micro.
    """
    paid, quantity = parts["amount"], parts["quantity"]
    price = -(-(paid + parts.get("discount", 0)) // quantity)
    line = {name: part for name, part in parts.items() if name != "amount"}
    return line | {"unit_price": price, "discount": price * quantity - paid}
