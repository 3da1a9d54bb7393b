"""A key says whose something is: no choice of ids makes two people one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse
from streamproc.events.catalogue import ProductChanged
from streamproc.events.log import CONTROL_KEY
from streamproc.events.rejected import Rejected
from streamproc.events.subject import Kind, Subject, keys_of, subject_of
from streamproc.runtime.state.source_position import POSITION_KEY
from tests.builders import Shop, consent, identified, order, plan, raw, view
from tests.strategies import ids

odd_ids = st.one_of(ids, st.sampled_from(["c/ada", "a/ada", "o/", "/", "~", "guest:o7", "c/c/ada", "c", "🛒/Łódź"]))
subjects = st.builds(Subject, st.sampled_from(Kind), odd_ids)


@settings(deadline=None)
@given(subjects)
def test_a_key_is_read_as_it_was_made(subject: Subject) -> None:
    assert Subject.of_key(subject.key) == subject
    assert [kind for kind in Kind if kind.has(subject.key)] == [subject.kind]


@settings(deadline=None)
@given(subjects, subjects)
def test_two_never_have_one_key(one: Subject, other: Subject) -> None:
    assert (one.key == other.key) == (one == other)


@settings(deadline=None)
@given(subjects)
def test_nobody_has_the_keys_of_what_concerns_a_whole_partition(subject: Subject) -> None:
    assert subject.key.encode() not in (CONTROL_KEY, POSITION_KEY)


@settings(deadline=None)
@given(subjects)
def test_a_subject_is_named_by_the_field_of_its_kind_alone(subject: Subject) -> None:
    named = {Kind.CUSTOMER: subject.customer_id, Kind.VISITOR: subject.anonymous_id}
    assert {kind: name for kind, name in named.items() if name is not None} == (
        {subject.kind: subject.id} if subject.kind in named else {}
    )


@pytest.mark.parametrize("key", ["", "~", "ada", "c/", "x/ada", "C/ada", "guest:o7", "\x00mark"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"is no key|is not a valid Kind"):
        Subject.of_key(key)


def test_a_customer_goes_before_a_visitor() -> None:
    assert subject_of(view(customer_id="ada", anonymous_id="v")) == Subject(Kind.CUSTOMER, "ada")
    assert subject_of(view(customer_id=None, anonymous_id="v")) == Subject(Kind.VISITOR, "v")


def test_a_guest_order_is_its_own_subject() -> None:
    assert subject_of(order(customer_id=None, order_id="o7")) == Subject(Kind.GUEST_ORDER, "o7")


SEGMENT = {"name": "everybody", "where": [{"feature": "orders_total", "at_least": 0}]}


@settings(deadline=None)
@given(odd_ids)
def test_a_customer_a_visitor_and_an_order_of_one_id_know_nothing_of_each_other(name: str) -> None:
    shop = Shop(plan(segments=[SEGMENT]))
    shop.sees(
        order(customer_id=name, order_id="o1"),
        consent(customer_id=name, granted=False),
        consent(customer_id=None, anonymous_id=name),
        identified({"name": "Mallory"}, customer_id=None, anonymous_id=name),
        order(customer_id=None, order_id=name),
    )
    customer, visitor, guest = (
        shop.customers[Subject(kind, name).key] for kind in (Kind.CUSTOMER, Kind.VISITOR, Kind.GUEST_ORDER)
    )
    assert (customer.orders, customer.traits, customer.consents["marketing:email"].granted) == (1, {}, False)
    assert (visitor.orders, visitor.consents["marketing:email"].granted) == (0, True)
    assert (guest.orders, guest.consents) == (1, {})
    changes = [change for outcome in shop.outcomes for change in outcome.decisions]
    told = {(change.customer_id, change.anonymous_id) for change in changes}
    assert told == {(name, None), (None, name)}


def test_what_is_told_of_a_product_is_nobodys_but_the_products() -> None:
    event = parse(raw(type="product_changed", sku="mug", price=5_000_000, stock="3", customer_id="ada", email="a@b.cd"))
    assert isinstance(event, ProductChanged)
    assert keys_of(event) == ("s/mug",)
    assert (event.stock, event.customer_id, event.email) == (3, None, None)
    letter = parse(raw(type="product_changed", sku="mug", price="5.00"))
    assert isinstance(letter, Rejected)
    assert letter.field_name == "price"
