"""An absence fires if and only if the thing stayed absent, in any order of arrival, and is taken back if it did not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.decisions import Retraction, Trigger
from streamproc.events.raw import Event
from streamproc.events.times import rfc3339
from tests.builders import Shop, abandoned_cart, add, at_ms, delivered, opened, order, plan, remove
from tests.trying import tried

DELAY = 60
RULE = {
    "name": "unopened", "kind": "absence", "after": ["delivered"], "unless": ["opened"], "delay_minutes": DELAY,
    "cool_down_hours": 0,
}  # fmt: skip
minutes = st.integers(1, DELAY - 1)
"""All within one delay: so no mark can come between them."""

deliveries = st.tuples(st.just("delivered"), minutes, st.integers(0, 2))
openings = st.tuples(st.just("opened"), minutes, st.integers(0, 2))
happenings = st.lists(st.one_of(deliveries, openings), max_size=6, unique=True)


def event_of(kind: str, minute: int, message: int) -> Event:
    """A person opens a minute after the delivery, or later: nothing is a machine's."""
    name = f"m{message}"
    return delivered(name, minutes=minute) if kind == "delivered" else opened(name, minutes=minute + 0.5)


def fired(shop: Shop) -> list[tuple[str, str]]:
    return [(d.correlation, d.at) for outcome in shop.outcomes for d in outcome.decisions if isinstance(d, Trigger)]


def retracted(shop: Shop) -> int:
    return sum(isinstance(d, Retraction) for outcome in shop.outcomes for d in outcome.decisions)


@tried(150)
@given(happenings, st.data())
def test_each_message_fires_if_and_only_if_it_stayed_unopened(told: list[Any], data: st.DataObject) -> None:
    shop = Shop(plan(RULE | {"correlate": "message"}))
    shop.sees(*(event_of(*each) for each in data.draw(st.permutations(told))))
    shop.mark(days=1)
    expected = []
    for message in range(3):
        begun = max((minute for kind, minute, of in told if kind == "delivered" and of == message), default=None)
        ended = max((minute + 0.5 for kind, minute, of in told if kind == "opened" and of == message), default=-1)
        if begun is not None and ended < begun:
            expected.append((f"m{message}", rfc3339(at_ms(minutes=begun + DELAY))))
    assert sorted(fired(shop)) == sorted(expected)


@tried(150)
@given(happenings, st.data())
def test_a_customer_fires_if_and_only_if_nothing_came_after_the_last(told: list[Any], data: st.DataObject) -> None:
    shop = Shop(plan(RULE))
    shop.sees(*(event_of(*each) for each in data.draw(st.permutations(told))))
    shop.mark(days=1)
    begun = max((minute for kind, minute, _ in told if kind == "delivered"), default=None)
    ended = max((minute + 0.5 for kind, minute, _ in told if kind == "opened"), default=-1)
    stays = begun is not None and ended < begun
    assert [at for _, at in fired(shop)] == ([rfc3339(at_ms(minutes=(begun or 0) + DELAY))] if stays else [])


acts = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "order"]), minutes, st.sampled_from(["lamp", "rug"])),
    max_size=6,
    unique_by=lambda act: act[1],
)


def act_of(kind: str, minute: int, sku: str) -> Event:
    if kind == "add":
        return add(sku, minutes=minute, cart_id="c")
    return remove(sku, minutes=minute, cart_id="c") if kind == "remove" else order(sku, minutes=minute)


@tried(150)
@given(acts, st.data())
def test_a_cart_is_abandoned_if_and_only_if_something_is_left_in_it(told: list[Any], data: st.DataObject) -> None:
    shop = Shop(plan(abandoned_cart()))
    shop.sees(*(act_of(*each) for each in data.draw(st.permutations(told))))
    shop.mark(days=1)
    held: set[str] = set()
    for kind, _, sku in sorted(told, key=lambda act: act[1]):
        held = held | {sku} if kind == "add" else held - {sku} if kind == "remove" else set()
    assert len(fired(shop)) == bool(held)


@tried(100)
@given(acts, st.data())
def test_what_is_told_after_the_reminder_takes_it_back_if_and_only_if_it_was_wrong(
    told: list[Any], data: st.DataObject
) -> None:
    """Some of it is told after the mark: what was said then and not taken back is what is true of all of it."""
    late = data.draw(st.lists(st.sampled_from(told), unique=True)) if told else []
    shop, whole = (Shop(plan(abandoned_cart(cool_down_hours=0))) for _ in range(2))
    shop.sees(*(act_of(*each) for each in told if each not in late))
    shop.mark(hours=3)
    shop.sees(*(act_of(*each) for each in late))
    shop.mark(days=1)
    whole.sees(*(act_of(*each) for each in told))
    whole.mark(days=1)
    assert len(fired(shop)) - retracted(shop) == len(fired(whole))


@pytest.mark.parametrize("correlate", ["customer", "message"])
def test_a_late_open_takes_it_back(correlate: str) -> None:
    shop = Shop(plan(RULE | {"correlate": correlate}))
    shop.sees(delivered("m1"))
    shop.mark(hours=2)
    shop.sees(opened("m1", minutes=30))
    assert (len(fired(shop)), retracted(shop)) == (1, 1)
