"""Purchases: orders and what is given back (`shop.purchase.v1`).

Only these events may come without a customer: a guest's order counts for the shop's KPIs and nothing else.
"""

from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from streamproc.events.base import Contract, Currency, Quantity, RawEvent, Text
from streamproc.events.identifiers import Id, Sku
from streamproc.events.money import MAX_MICROS, MICROS, Micros


class OrderLine(Contract):
    """One product of an order; `unit_price` and `discount` (of the whole line) in micros."""

    sku: Sku
    variant: Id | None = None
    product_id: Id | None = None
    category: Text | None = None
    quantity: Quantity
    unit_price: Micros
    discount: Micros = 0

    @property
    def amount(self) -> int:
        """What the line costs, in micros, never below zero."""
        return max(0, self.quantity * self.unit_price - self.discount)


ORDER_PLACED = "order_placed"
_SAID = {"currency", "lines", "total", "discount", "coupon", "cart_id"}
MAX_LINES = 2000
Lines = Annotated[tuple[OrderLine, ...], Field(max_length=MAX_LINES, strict=False)]
PlacedLines = Annotated[tuple[OrderLine, ...], Field(min_length=1, max_length=MAX_LINES, strict=False)]


class PurchaseEvent(RawEvent):
    """Which order, and in which currency; what goes back as a whole is of the order's own, and need not say it."""

    order_id: Id
    currency: Currency | None = None
    rate: ClassVar[int] = MICROS
    """Micros of the shop's currency that one unit of the event's is worth; 0: nobody knows. No part of the message."""

    def priced(self, rate: int) -> Self:
        """The event at another rate."""
        return self.model_copy(update={"rate": rate})

    def in_shop_money(self, amount: int) -> int | None:
        """An amount of this event in micros of the shop's currency, rounded; None: there is no rate."""
        if self.rate == 0 and amount:
            return None
        return min(MAX_MICROS, (amount * self.rate + MICROS // 2) // MICROS)


class OrderPlaced(PurchaseEvent):
    """An order with its lines; one that nothing is paid for (samples, replacements) does not count as an order.

    What is paid is `total`; without it what the lines add up to, less the `discount` on the order as a whole (micros).
    The same `order_id` with something else in it is an edit of the order.
    """

    type: Literal["order_placed"] = "order_placed"
    currency: Currency
    lines: PlacedLines
    total: Micros | None = None
    discount: Micros | None = None
    coupon: Text | None = None
    cart_id: Id | None = None

    @cached_property
    def amount(self) -> Micros:
        """What is paid for the order, in micros."""
        if self.total is not None:
            return self.total
        return max(0, sum(line.amount for line in self.lines) - (self.discount or 0))

    @cached_property
    def said(self) -> bytes:
        """What it says of the order, as canonical JSON; of two tellings of one order this tells whether they differ."""
        return self.__pydantic_serializer__.to_json(self, include=_SAID, exclude_none=True)

    @property
    def paid_skus(self) -> tuple[str, ...]:
        """The products that somebody pays for, each once, in the order of the lines."""
        return tuple(dict.fromkeys(line.sku for line in self.lines if line.amount))

    @property
    def is_paid(self) -> bool:
        """Whether anything is paid for it; for samples and replacements nothing is."""
        return self.amount > 0

    @model_validator(mode="after")
    def _amount_in_bounds(self) -> Self:
        if self.amount > MAX_MICROS:
            raise ValueError(f"the order's total is above {MAX_MICROS} micros")
        return self


class ReturnEvent(PurchaseEvent):
    """Money of an order goes back: `amount` in micros, or by `lines`."""

    WEIGHTY: ClassVar[frozenset[str]] = PurchaseEvent.WEIGHTY | {"currency"}

    amount: Micros | None = None
    lines: Lines = ()

    @model_validator(mode="after")
    def _amount_in_a_currency(self) -> Self:
        if self.currency is None and (self.amount is not None or self.lines):
            raise ValueError("without `currency` nobody knows how much goes back")
        return self


class OrderRefunded(ReturnEvent):
    """Money went back to the customer: `amount` in micros, else what the lines add up to, else the rest of the order.

    Refunds of an order are told apart by `refund_id`, without one by their `event_id`.
    """

    type: Literal["order_refunded"] = "order_refunded"
    refund_id: Id | None = None

    @property
    def given_back(self) -> Micros | None:
        """How much, in micros; None: all that was not given back yet."""
        if self.amount is None and self.lines:
            return min(MAX_MICROS, sum(line.amount for line in self.lines))
        return self.amount


class OrderCancelled(ReturnEvent):
    """An order, or a part of it, was cancelled: `amount` in micros; without it the order as a whole."""

    type: Literal["order_cancelled"] = "order_cancelled"
