"""What `config/features.toml` can ask of events."""

from streamproc.customer.declared.vocabulary import EVENTS
from streamproc.events.raw import EVENT_TYPES


def test_every_event_can_be_asked_for() -> None:
    assert EVENTS.keys() == EVENT_TYPES.keys()


def test_fields_and_what_is_worked_out_of_them_can_be_asked_for() -> None:
    assert list(EVENTS["order_placed"]) == [
        "amount", "cart_id", "coupon", "currency", "discount", "is_paid", "order_id", "source", "total",
    ]  # fmt: skip
    assert [str(EVENTS["opened"][name]) for name in ("channel", "is_machine", "campaign_id")] == [
        "one of email, sms, push, web",
        "true or false",
        "a text",
    ]


def test_money_is_known_as_such_and_pieces_are_not() -> None:
    fields = {name: field.is_money for event in EVENTS.values() for name, field in event.items() if field.type is int}
    assert {name for name, is_money in fields.items() if is_money} == {
        "amount", "discount", "given_back", "price", "total", "unit_price",
    }  # fmt: skip


def test_a_name_is_money_of_every_event_that_has_it_or_of_none() -> None:
    said = {(name, field.is_money) for event in EVENTS.values() for name, field in event.items()}
    assert len(said) == len({name for name, _ in said})
