"""No customer, however hostile, gets a state that Kafka would not take."""

from collections.abc import Callable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.codec import decode, encode
from streamproc.customer.folds import fold
from streamproc.customer.journeys import MAX_JOURNEYS
from streamproc.customer.state import MAX_STATE_BYTES, MAX_TOTAL_MICROS, MAX_TRAITS_BYTES, Customer
from streamproc.decide.journeys.journey import MAX_DEFINITION_BYTES
from streamproc.decide.step import step
from streamproc.events.purchase import OrderLine
from streamproc.events.raw import RAW
from tests.builders import (
    NO_MODELS,
    abandoned_cart,
    add,
    clicked,
    consent,
    delivered,
    entry,
    identified,
    line,
    on_order,
    order,
    plan,
    refund,
    tagged,
    unsubscribed,
    view,
    with_ranking,
)
from tests.trying import tried

CONTROL, WIDE = "\x01", "\U0001f600"
"""One is six bytes in JSON, the other four; ids must not have the first."""

EVENTS = 400
CHEAPER = {"name": "cheaper", "kind": "price_drop", "amount": 1, "within_days": 366}


def _wide(number: int, length: int, letter: str = WIDE) -> str:
    """A text of full length that no other number has."""
    return f"{number:06d}" + letter * (length - 6)


def hostile_event(number: int, dice: Random) -> Any:
    """An event that validates, with every text as long as it may be and every number as big."""
    when: dict[str, Any] = {"minutes": dice.randrange(366 * 24 * 60), "event_id": _wide(number, 128)}
    wide, odd = _wide(number, 128), _wide(number, 64)
    kinds: list[Callable[[], Any]] = [
        lambda: view(utm_campaign=_wide(number, 256, CONTROL), **when),
        lambda: add(odd, quantity=10**7, cart_id=_wide(dice.randrange(50) // 49, 128), **when),
        lambda: order(order_id=wide, lines=_lines(number), **when),
        lambda: order(odd, odd, pounds=10**8, order_id=wide, **when),
        lambda: refund(wide, 10**8, **when),
        lambda: delivered(wide, **when),
        lambda: clicked(_wide(number % 40, 128), url=wide, channel="push", **when),
        lambda: unsubscribed(_wide(number % 40, 128), channel="push", is_machine=True, **when),
        lambda: consent(purpose=dice.choice(["marketing:", ""]) + _wide(number, 100), **when),
        lambda: identified(_traits(number, dice), **when),
        lambda: tagged(wide, by="import", **when),
    ]
    return dice.choice(kinds)()


def _lines(number: int) -> tuple[OrderLine, ...]:
    return tuple(line(_wide(1000 * number + n, 64), 10**6) for n in range(150))


def _traits(number: int, dice: Random) -> dict[str, str]:
    return {_wide(100 * number + n, 128): _wide(n, dice.choice([30, 256]), CONTROL) for n in range(64)}


def _long_journey(number: int) -> dict[str, Any]:
    """A journey whose definition takes nearly all the bytes that it may."""
    wait = {"kind": "wait", "days": 90}
    message = {"kind": "message", "content": WIDE * ((MAX_DEFINITION_BYTES - 200) // len(WIDE.encode()))}
    return {"name": f"long_{number}", "start": "thanks", "max_days": 90, "step": [wait, message]}


@pytest.mark.slow
@tried(8)
@given(st.integers(0, 2**32))
def test_no_sequence_of_events_makes_a_state_too_large(seed: int) -> None:
    dice = Random(seed)
    rules = with_ranking(
        plan(
            abandoned_cart(),
            on_order(),
            CHEAPER,
            churn={"features": [f"log_views_{days}d" for days in (7, 28)]},
            journeys=map(_long_journey, range(MAX_JOURNEYS)),
        )
    )
    state: Customer | None = None
    for offset in range(EVENTS):
        event = hostile_event(offset, dice)
        RAW.validate_json(event.model_dump_json())
        state = step(state, entry(event, offset), rules, NO_MODELS).customer
    assert state is not None
    assert len(state.journeys) == MAX_JOURNEYS
    assert len(encode(state)) <= MAX_STATE_BYTES
    assert decode(encode(state)) == state


@pytest.mark.slow
def test_money_beyond_64_bits_is_not_counted() -> None:
    state = None
    for offset in range(10_000):
        state = fold(state, entry(order(order_id=f"o{offset}", pounds=10**9), offset))
    assert state is not None
    assert state.revenue_micros == MAX_TOTAL_MICROS
    assert decode(encode(state)) == state


def test_traits_that_do_not_fit_are_left_out() -> None:
    stories = {f"story {number}": CONTROL * 256 for number in range(20)}
    state = fold(None, entry(identified({"city": "Leeds", **stories, "age": 36}), 0))
    assert {"city": "Leeds", "age": 36}.items() <= state.traits.items()
    assert len(orjson.dumps(state.traits)) <= MAX_TRAITS_BYTES + 64


def test_purposes_that_look_like_marketing_do_not_add_up() -> None:
    state = None
    for offset in range(100):
        state = fold(state, entry(consent(purpose=f"marketing:{offset}"), offset))
    state = fold(state, entry(consent(granted=False), 100))
    assert len(state.consents) == 17
    assert not state.consents["marketing:email"].granted
