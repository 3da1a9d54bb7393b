"""The sums of a customer are those of the orders and returns: also of the erased, and of two who become one."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.folds import fold, seen_before
from streamproc.customer.folds.uniting import united
from streamproc.customer.ledger.movements import movements
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.events.raw import Event
from tests.builders import cancel, entry, erasure, order, refund
from tests.trying import tried

names = st.sampled_from(["o1", "o2"])
minutes = st.integers(0, 9)
pounds = st.sampled_from([0, 10, 20])
some = st.none() | pounds

happened = st.one_of(
    st.builds(lambda name, paid, at: order(order_id=name, pounds=paid, minutes=at), names, pounds, minutes),
    st.builds(
        lambda name, paid, number, at: refund(name, paid, refund_id=number, minutes=at),
        names, some, st.sampled_from(["r1", "r2"]), minutes,
    ),
    st.builds(lambda name, paid, at: cancel(name, paid, minutes=at), names, some, minutes),
    st.builds(lambda at: erasure(minutes=at), minutes),
)  # fmt: skip
lives = st.lists(happened, max_size=8)


def after(*life: Event) -> Customer:
    customer = Customer("c/ada", 0, 0)
    for event in life:
        told = entry(event)
        if seen_before(customer, told) is Seen.NEW:
            customer = fold(customer, told)
    return customer


def sums(customer: Customer) -> tuple[int, int, int, int]:
    return (customer.orders, customer.revenue_micros, customer.refunds, customer.refunded_micros)


def known_of_each(customer: Customer) -> tuple[int, int, int, int]:
    """The same from the ledger, which has all orders of so short a life."""
    moved = [movement for record in customer.ledger for movement in movements(record)]
    paid = [movement.micros or 0 for movement in moved if movement.kind == "ordered"]
    back = [movement.micros or 0 for movement in moved if movement.kind != "ordered"]
    return (len(paid), sum(paid), len(back), sum(back))


@tried(400)
@given(st.lists(lives, min_size=1, max_size=3))
def test_the_sums_are_those_of_the_orders_through_erasures_and_unions(several: Sequence[Sequence[Event]]) -> None:
    one, *others = (after(*life) for life in several)
    for other in others:
        one = united(one, other, {})
    assert sums(one) == known_of_each(one)


def test_a_return_of_before_an_erasure_is_not_taken_back_of_who_is_united_with_the_customer() -> None:
    erased = after(refund("o1", 5, refund_id="r1"), erasure(minutes=1))
    assert sums(united(erased, erased, {})) == (0, 0, 0, 0)
    customer = after(refund("o1", 5, refund_id="r1", minutes=2))
    assert sums(united(erased, customer, {})) == sums(united(customer, erased, {})) == (0, 0, 1, 5_000_000)
