"""Orders, and what is given back."""

from streamproc.customer.folds.browsing import take_ordered
from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.state import MAX_ORDERED_SKUS, MAX_RECENT_ORDERS, MAX_TOTAL_MICROS, Customer, PlacedOrder
from streamproc.customer.windows import delta
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded


@folds(OrderPlaced)
def fold_order(customer: Customer, event: OrderPlaced, at_ms: int) -> None:
    """An order with a paid line counts; samples and replacements only leave the cart."""
    skus = tuple(line.sku for line in event.lines[:MAX_ORDERED_SKUS])
    take_ordered(customer, tuple(line.sku for line in event.lines), at_ms)
    if customer.last_order_ms is None or at_ms >= customer.last_order_ms:
        customer.last_order_skus = skus
    if not event.is_paid:
        return
    amount = event.amount
    added = min(amount, MAX_TOTAL_MICROS - customer.revenue_micros)
    count(customer, at_ms, delta(orders=1, revenue_micros=added, actions=1))
    customer.orders += 1
    customer.revenue_micros += added
    first, last = customer.first_order_ms, customer.last_order_ms
    customer.first_order_ms = at_ms if first is None else min(first, at_ms)
    customer.last_order_ms = at_ms if last is None else max(last, at_ms)
    placed = (*customer.recent_orders, PlacedOrder(event.order_id, at_ms, amount))
    customer.recent_orders = tuple(sorted(placed, key=lambda order: (order.at_ms, order.order_id)))[-MAX_RECENT_ORDERS:]


@folds(OrderRefunded)
def fold_refund(customer: Customer, event: OrderRefunded, at_ms: int) -> None:
    """Money went back."""
    give_back(customer, event.amount, at_ms)


@folds(OrderCancelled)
def fold_cancellation(customer: Customer, event: OrderCancelled, at_ms: int) -> None:
    """An order, or a part of it, was cancelled."""
    give_back(customer, cancelled_micros(customer, event), at_ms)


def cancelled_micros(customer: Customer, event: OrderCancelled) -> int:
    """What a cancellation gives back: its own amount, else that of the order if it is one of the last ones."""
    if event.amount is not None:
        return event.amount
    return next((order.amount_micros for order in customer.recent_orders if order.order_id == event.order_id), 0)


def give_back(customer: Customer, amount_micros: int, at_ms: int) -> None:
    """Count a refund or cancellation."""
    added = min(amount_micros, MAX_TOTAL_MICROS - customer.refunded_micros)
    count(customer, at_ms, delta(refunded_micros=added))
    customer.refunds += 1
    customer.refunded_micros += added
