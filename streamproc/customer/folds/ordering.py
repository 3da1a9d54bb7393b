"""Orders, and what is given back of them."""

from streamproc.customer.folds.browsing import do_with_cart
from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.ledger.movements import Movement, difference
from streamproc.customer.ledger.record import order_digest
from streamproc.customer.ledger.table import find, with_record
from streamproc.customer.ledger.telling import told
from streamproc.customer.state import MAX_TOTAL_MICROS, Customer
from streamproc.customer.windows import delta
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded, PurchaseEvent


@folds(OrderPlaced)
def fold_order(customer: Customer, event: OrderPlaced, at_ms: int) -> None:
    """An order with a paid line counts; samples and replacements only leave the cart."""
    do_with_cart(customer, event, at_ms)
    settle(customer, event, at_ms)


@folds(OrderRefunded, OrderCancelled)
def fold_return(customer: Customer, event: PurchaseEvent, at_ms: int) -> None:
    """Money went back, or an order, or a part of one, was cancelled."""
    settle(customer, event, at_ms)


def settle(customer: Customer, event: PurchaseEvent, at_ms: int) -> None:
    """Take the event into the ledger, and what it changes there into all sums."""
    before = find(customer.ledger, order_digest(event.order_id))
    after = told(before, event, at_ms)
    customer.ledger = with_record(customer.ledger, after)
    changed = difference(before, after)
    for movement in changed.taken_back:
        count_movement(customer, movement, -1)
    for movement in changed.told:
        count_movement(customer, movement, 1)
    if any(movement.kind == "ordered" for movement in (*changed.taken_back, *changed.told)):
        _set_order_times(customer, after.at_ms)


def count_movement(customer: Customer, movement: Movement, times: int) -> None:
    """Add a movement to the totals and to its day, or (`times` -1) take it away again."""
    micros = times * (movement.micros or 0)
    if movement.kind == "ordered":
        added = min(micros, MAX_TOTAL_MICROS - customer.revenue_micros)
        count(customer, movement.at_ms, delta(orders=times, revenue_micros=added, actions=times))
        customer.orders += times
        customer.revenue_micros += added
    else:
        added = min(micros, MAX_TOTAL_MICROS - customer.refunded_micros)
        count(customer, movement.at_ms, delta(refunded_micros=added))
        customer.refunds += times
        customer.refunded_micros += added


def _set_order_times(customer: Customer, at_ms: int) -> None:
    """When the first and the last order were placed; the ledger has the newest ones."""
    times = customer.ledger.order_times
    if len(times) == customer.orders or customer.first_order_ms is None:
        customer.first_order_ms = times[0] if times else None
    else:
        customer.first_order_ms = min(customer.first_order_ms, at_ms)
    customer.last_order_ms = times[-1] if times else None
