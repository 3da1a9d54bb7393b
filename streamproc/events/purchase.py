"""Purchases: orders and what is given back (`shop.purchase.v1`).

Only these events may come without a customer: a guest's order counts for the shop's KPIs and nothing else.
"""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.events.base import Contract, Currency, Quantity, RawEvent, Text
from streamproc.events.identifiers import Id, Sku
from streamproc.events.money import MAX_MICROS, Micros


class OrderLine(Contract):
    """One product of an order; `unit_price` and `discount` (of the whole line) in micros."""

    sku: Sku
    category: Text | None = None
    quantity: Quantity
    unit_price: Micros
    discount: Micros = 0

    @property
    def amount(self) -> int:
        """What the line costs, in micros, never below zero."""
        return max(0, self.quantity * self.unit_price - self.discount)


def _discounts_within_prices(lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """One look at all lines: a validator of each line's own would take most of the time that an order takes."""
    for number, line in enumerate(lines):
        if line.discount and line.discount > line.quantity * line.unit_price:
            raise ValueError(f"line {number}: discount is larger than the line's price")
    return lines


MAX_LINES = 2000
_Checked = AfterValidator(_discounts_within_prices)
Lines = Annotated[tuple[OrderLine, ...], Field(max_length=MAX_LINES, strict=False), _Checked]
PlacedLines = Annotated[tuple[OrderLine, ...], Field(min_length=1, max_length=MAX_LINES, strict=False), _Checked]
"""At least one; a bound behind the validator would be a bound of text in the JSON Schema."""


class PurchaseEvent(RawEvent):
    """Which order, and in which currency."""

    order_id: Id
    currency: Currency


class OrderPlaced(PurchaseEvent):
    """An order with its lines; without a paid line (samples, replacements) it does not count as an order."""

    type: Literal["order_placed"] = "order_placed"
    lines: PlacedLines
    coupon: Text | None = None

    @cached_property
    def amount(self) -> Micros:
        """The order's total after discounts, in micros."""
        return sum(line.amount for line in self.lines)

    @property
    def is_paid(self) -> bool:
        """Whether it has a paid line; samples and replacements have none."""
        return self.amount > 0

    @model_validator(mode="after")
    def _total_in_bounds(self) -> Self:
        if self.amount > MAX_MICROS:
            raise ValueError(f"the order's total is above {MAX_MICROS} micros")
        return self


class OrderRefunded(PurchaseEvent):
    """Money went back to the customer: `amount` in micros."""

    type: Literal["order_refunded"] = "order_refunded"
    amount: Micros
    lines: Lines = ()


class OrderCancelled(PurchaseEvent):
    """An order, or a part of it, was cancelled: `amount` in micros; without it the order's own total, if known."""

    type: Literal["order_cancelled"] = "order_cancelled"
    amount: Micros | None = None
    lines: Lines = ()
