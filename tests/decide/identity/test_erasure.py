"""Who was erased stays erased: nothing of before comes back, and what was refused stays refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.recent_ids import Seen
from streamproc.events.raw import Event
from tests.builders import (
    Shop,
    add,
    at_ms,
    consent,
    delivered,
    erasure,
    identified,
    on_order,
    order,
    plan,
    refused_by,
    sent_by,
    unsubscribed,
)
from tests.strategies import events
from tests.trying import tried

RULES = plan(on_order(cap_class="transactional"), on_order(name="more"))


def by_header(**when: Any) -> Event:
    """The sender says that a machine did it: the mailbox's provider, for the customer."""
    return unsubscribed(one_click=True, is_machine=True, **when)


@tried(60)
@given(st.lists(events, max_size=12), st.integers(0, 200), st.data())
def test_nothing_of_before_an_erasure_is_taken_up_after_it(
    happened: list[Event], minutes: int, data: st.DataObject
) -> None:
    asked = erasure(minutes=minutes)
    before = [each for each in happened if each.occurred_at <= asked.occurred_at]
    shop = Shop(RULES)
    shop.sees(asked)
    blank = shop.ada
    outcomes = shop.sees(*data.draw(st.permutations(before)))
    assert {outcome.seen for outcome in outcomes} <= {Seen.ERASED}
    assert not any(outcome.decisions or outcome.facts for outcome in outcomes)
    left = shop.ada.copy()
    assert not any(said.granted for said in left.consents.values())
    left.consents = blank.consents
    assert left == blank


@pytest.mark.parametrize("refuses", [lambda **when: consent(granted=False, **when), unsubscribed, by_header])
@pytest.mark.parametrize("late", [False, True])
def test_marketing_that_was_refused_stays_refused(refuses: Callable[..., Event], *, late: bool) -> None:
    shop = Shop(RULES)
    told: list[Event] = [refuses(minutes=1), erasure(minutes=5)]
    shop.sees(*(reversed(told) if late else told))
    assert refused_by(shop.sees(order(minutes=9))) == [("more", "no_consent")]
    assert shop.ada.consents["marketing:email"].at_ms == at_ms(minutes=5)


def test_who_allows_it_again_afterwards_gets_it() -> None:
    shop = Shop(RULES)
    shop.sees(unsubscribed(), erasure(minutes=5), consent(minutes=6))
    assert sent_by(shop.sees(order(minutes=9))) == ["thanks", "more"]


def test_a_permission_of_before_is_not_kept_and_not_heard() -> None:
    shop = Shop(plan(on_order(), policy={"consent": {"marketing": "deny"}}))
    shop.sees(consent(), erasure(minutes=5), consent(minutes=4))
    assert refused_by(shop.sees(order(minutes=9))) == [("thanks", "no_consent")]


def test_what_happens_afterwards_is_somebody_new() -> None:
    shop = Shop(RULES)
    shop.sees(order(), add("rug"), erasure(minutes=5), identified({"city": "York"}, minutes=6), delivered(minutes=7))
    assert (shop.ada.orders, shop.ada.cart, shop.ada.traits) == (0, None, {"city": "York"})


def test_that_somebody_was_erased_is_not_forgotten() -> None:
    shop = Shop(RULES)
    shop.sees(add(customer_id=None, anonymous_id="v"), erasure(customer_id=None, anonymous_id="v", minutes=5))
    shop.mark(days=4_000)
    assert shop.customers["a/v"].erased_ms == at_ms(minutes=5)
