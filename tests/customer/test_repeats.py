"""A repeat is dropped, and each family of events remembers its own: one cannot make another one's events repeats."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.folds import fold, is_repeated
from streamproc.customer.state import MAX_RECENT_IDS, Customer
from streamproc.events.raw import FAMILY_OF
from tests.builders import entry, folded, order, view
from tests.strategies import events

several = st.lists(events, min_size=1, max_size=60)


@settings(deadline=None)
@given(several, events)
def test_an_event_is_a_repeat_just_if_its_id_is_one_of_the_last_of_its_own_family(past: list[Any], event: Any) -> None:
    state: Customer | None = None
    seen: list[str] = []
    for offset, each in enumerate(past):
        state = fold(state, entry(each, offset))
        if FAMILY_OF[type(each)] == FAMILY_OF[type(event)]:
            seen.append(each.event_id)
    assert is_repeated(state, entry(event)) == (event.event_id in seen[-MAX_RECENT_IDS[FAMILY_OF[type(event)]] :])


def test_a_page_that_guesses_an_order_s_id_does_not_suppress_the_order() -> None:
    after = folded(view(event_id="e7"))
    assert is_repeated(after, entry(view(event_id="e7")))
    assert not is_repeated(after, entry(order(event_id="e7")))


def test_any_number_of_page_views_leaves_an_order_known() -> None:
    after = folded(order(event_id="e7"), *(view() for _ in range(200)))
    assert is_repeated(after, entry(order(event_id="e7")))
    assert {family: len(ids) for family, ids in after.recent_ids.items()} == {"purchase": 1, "clickstream": 32}
