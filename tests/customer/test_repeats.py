"""A repeat is known by family: no page can have an order taken for one, nor make orders forgotten."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.folds import fold, refused_conflict, seen_before
from streamproc.customer.recent_ids import MAX_IDS, Seen
from streamproc.customer.state import Customer
from streamproc.events.base import RawEvent
from streamproc.events.raw import Event
from tests.builders import delivered, entries, entry, folded, identified, order, refund, view
from tests.strategies import events


def known(customer: Customer, event: Event) -> Seen:
    return seen_before(customer, entry(event))


@settings(deadline=None)
@given(st.lists(events, min_size=1, max_size=10))
def test_every_event_is_known_again(happened: list[Any]) -> None:
    customer = None
    for each in entries(happened):
        if customer is not None and seen_before(customer, each) is Seen.CONFLICTING:
            assert isinstance(each.event, RawEvent)
            customer = refused_conflict(customer, each.event)
        else:
            customer = fold(customer, each)
        assert seen_before(customer, each) in (Seen.REPEATED, Seen.ERASED)


def test_a_retry_is_known_whenever_it_was_sent() -> None:
    after = folded(view(event_id="e7"))
    assert known(after, view(event_id="e7").model_copy(update={"sent_at": view().occurred_at})) is Seen.REPEATED


def test_the_same_id_with_other_content_is_a_conflict_and_with_another_type_another_event() -> None:
    after = folded(identified({"city": "Leeds"}, event_id="e7"))
    assert known(after, identified({"city": "York"}, event_id="e7")) is Seen.CONFLICTING
    assert known(after, view(event_id="e7")) is Seen.NEW
    assert known(after, order(event_id="e7")) is Seen.NEW


def test_an_event_is_known_for_35_days_and_so_many_of_its_family() -> None:
    first = view()
    assert known(folded(first, view(days=34)), first) is Seen.REPEATED
    assert known(folded(first, view(days=35)), first) is Seen.NEW
    assert known(folded(first, *[view(minutes=n) for n in range(MAX_IDS["clickstream"] - 1)]), first) is Seen.REPEATED
    assert known(folded(first, *[view(minutes=n) for n in range(MAX_IDS["clickstream"])]), first) is Seen.NEW


def test_a_late_event_is_remembered_as_long_as_others() -> None:
    late = view()
    assert known(folded(view(days=90), late, view(days=124)), late) is Seen.REPEATED


def test_no_number_of_other_events_or_years_makes_an_order_new() -> None:
    told: list[Event] = [order(event_id="e7", order_id="o7"), refund("o7", event_id="e8")]
    others: list[Event] = [*(view(days=n) for n in range(400)), *(delivered(f"m{n}") for n in range(200))]
    after = folded(*told, *others, *(order(days=n) for n in range(150)))
    assert [known(after, event) for event in told] == [Seen.REPEATED] * 2
    assert known(after, order(event_id="e9", order_id="o7")) is Seen.REPEATED


def test_letters_across_two_ids_are_no_id() -> None:
    customer = folded(*[view(event_id=f"e{number}") for number in range(250)])
    assert not any(known(customer, view(event_id=f"n{number}")) is Seen.REPEATED for number in range(2000))
