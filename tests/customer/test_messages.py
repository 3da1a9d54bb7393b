from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.folds import seen_before
from streamproc.customer.messages.happenings import did
from streamproc.customer.messages.record import Action, Message, message_digest
from streamproc.customer.messages.table import MAX_MESSAGES, find
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import MAX_CONSENTS, Consent, Customer
from streamproc.events.email import Complained
from streamproc.events.raw import Event
from tests.builders import (
    at_ms,
    clicked,
    consent,
    delivered,
    entry,
    erasure,
    folded,
    identified,
    opened,
    order,
    refund,
    unsubscribed,
    view,
)
from tests.strategies import trait_values
from tests.trying import tried


def known(customer: Customer, message_id: str = "m1") -> Message:
    message = find(customer.messages, message_digest(message_id))
    assert message is not None
    return message


def done(customer: Customer, message_id: str = "m1") -> dict[str, bool]:
    """What happened to a message, and whether a person did it."""
    message = known(customer, message_id)
    return {action.name.lower(): did(message, action, as_person=True) for action in Action if did(message, action)}


@pytest.mark.parametrize(("seconds", "person"), [(-1, True), (0, False), (1.999, False), (2, True), (3600, True)])
@pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
def test_an_open_within_two_seconds_of_the_delivery_is_a_machine_s(
    seconds: float, arrival: tuple[int, int], *, person: bool
) -> None:
    told: list[Event] = [delivered(), opened(seconds=seconds)]
    assert done(folded(*[told[place] for place in arrival])) == {"delivered": True, "opened": person}


def test_an_open_of_an_unknown_message_is_a_person_s() -> None:
    assert done(folded(opened())) == {"opened": True}


def test_a_marked_machine_is_remembered_and_not_counted() -> None:
    customer = folded(clicked(is_machine=True))
    assert done(customer) == {"clicked": False}
    assert not customer.days


def test_a_person_s_open_after_a_machine_s_is_the_person_s() -> None:
    assert done(folded(delivered(), opened(seconds=0.5), opened(hours=2))) == {"delivered": True, "opened": True}


def test_messages_are_told_apart() -> None:
    customer = folded(delivered("m1"), opened("m2", seconds=0.5))
    assert (done(customer, "m1"), done(customer, "m2")) == ({"delivered": True}, {"opened": True})


def test_the_last_messages_are_remembered() -> None:
    customer = folded(*[delivered(f"m{number}") for number in range(MAX_MESSAGES + 3)])
    told = [find(customer.messages, message_digest(f"m{number}")) is not None for number in range(MAX_MESSAGES + 3)]
    assert told == [False] * 3 + [True] * MAX_MESSAGES


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_latest_word_on_consent_counts_whatever_arrives_last(arrival: tuple[int, ...]) -> None:
    said = [consent(granted=True), consent(granted=False, days=1), consent(granted=True, days=2)]
    assert folded(*[said[place] for place in arrival]).consents == {"marketing:email": Consent(True, at_ms(days=2))}


@pytest.mark.parametrize("arrival", list(permutations(range(2))))
def test_at_the_same_moment_the_refusal_counts(arrival: tuple[int, ...]) -> None:
    said = [consent(granted=True), consent(granted=False)]
    assert folded(*[said[place] for place in arrival]).consents == {"marketing:email": Consent(False, at_ms())}


def test_consent_is_given_for_a_purpose_on_a_channel() -> None:
    customer = folded(consent(), consent(channel="sms", granted=False), consent(purpose="news"))
    assert {key: said.granted for key, said in customer.consents.items()} == {
        "marketing:email": True, "marketing:sms": False, "news:email": True,
    }  # fmt: skip


def test_an_unsubscription_is_a_refusal_on_its_channel() -> None:
    customer = folded(consent(), consent(channel="sms"), unsubscribed(days=1))
    assert [said.granted for said in customer.consents.values()] == [False, True]


def test_a_complaint_is_a_refusal_too() -> None:
    complaint = Complained(message_id="m1", event_id="c", occurred_at=consent(days=1).occurred_at, customer_id="ada")
    assert not folded(consent(), complaint).consents["marketing:email"].granted


def test_no_number_of_other_purposes_crowds_out_an_unsubscription() -> None:
    customer = folded(*[consent(purpose=f"p{number}") for number in range(40)], unsubscribed())
    assert len(customer.consents) == MAX_CONSENTS + 1
    assert not customer.consents["marketing:email"].granted


def test_erasure_forgets_everything_but_that_it_was_asked_for() -> None:
    asked = erasure(days=9)
    customer = folded(view(), order(), identified({"city": "Łódź"}), consent(), delivered(), asked)
    blank = Customer("c/ada", at_ms(days=9), at_ms(days=9))
    blank.applied_offset, blank.recent_ids, blank.ledger = customer.applied_offset, customer.recent_ids, customer.ledger
    blank.erased_ms = at_ms(days=9)
    assert customer == blank
    assert customer.applied_offset == 5


def test_what_was_told_before_an_erasure_and_is_told_again_is_no_news() -> None:
    told: list[Event] = [view(), order(order_id="o1"), refund("o1"), identified({"city": "Łódź"})]
    customer = folded(*told, erasure(days=9))
    assert [seen_before(customer, entry(event)) for event in told] == [Seen.ERASED] * 4
    assert [record.micros for record in customer.ledger] == [0]


def test_who_gave_a_name_is_identified() -> None:
    assert folded(view(customer_id=None, anonymous_id="v")).is_identified is False
    assert folded(view()).is_identified is True


def test_traits_are_taken_over_and_replaced() -> None:
    customer = folded(identified({"city": "Łódź", "age": 36}), identified({"age": 37, "city": None}, minutes=1))
    assert customer.traits == {"age": 37}


@pytest.mark.parametrize("value", [0, False, "Ghent", -1.5])
@pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
def test_of_one_moment_a_value_counts_before_none(value: str | float, arrival: tuple[int, int]) -> None:
    told: list[Event] = [identified({"city": value}), identified({"city": None})]
    assert folded(*[told[place] for place in arrival]).traits == {"city": value}


@tried(60)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.dictionaries(st.sampled_from("abc"), trait_values)), max_size=5), st.data()
)
def test_the_newest_word_on_a_trait_counts_whatever_arrives_last(
    said: list[tuple[int, dict[str, Any]]], data: st.DataObject
) -> None:
    told = [identified(traits, minutes=minutes) for minutes, traits in said]
    again = data.draw(st.permutations([*told, *told]))
    assert folded(view(), *again).traits == folded(view(), *told).traits
