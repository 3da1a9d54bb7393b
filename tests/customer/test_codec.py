from collections.abc import Callable
from pathlib import Path
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.codec import READS_UP_TO, VERSION, decode, encode, next_due
from streamproc.customer.folds import fold
from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.open_offers import OpenOffer
from streamproc.customer.purchases import NO_PURCHASES, NOTHING, Purchases
from streamproc.customer.questions import Question, Questions
from streamproc.customer.reach import Reach
from streamproc.customer.sendings import NO_SENDINGS, Sending, Sendings
from streamproc.customer.sightings import NO_SIGHTINGS, Sighting, Sightings
from streamproc.customer.state import FIELDS, SECTIONS, Awaited, Claim, Customer, Fired, LastScore, TagWord, Waiting
from streamproc.customer.windows import EMPTY_BUCKETS, Buckets, Metric
from streamproc.decide.step import step
from streamproc.events.raw import Event
from streamproc.events.versions import NewerVersionError
from tests.builders import (
    NO_MODELS,
    abandoned_cart,
    add,
    at_ms,
    clicked,
    consent,
    delivered,
    entry,
    erasure,
    folded,
    identified,
    line,
    opened,
    order,
    plan,
    refund,
    unsubscribed,
    view,
)
from tests.strategies import events

ALL = (*FIELDS, *SECTIONS)
FIRST, SECOND, GOLDEN, LATER = (Path(__file__).with_name(f"customer_v{version}.hex") for version in (1, 2, 3, 4))
"""The last is the golden customer as a next version would write it that has two fields more: a list and a number."""


def a_bit_of_everything() -> Customer:
    """A customer with something in every field."""
    customer = folded(
        view(event_id="g1", utm_campaign="spring"),
        order("lamp", "كرسي", event_id="g2", order_id="o1", minutes=5),
        refund("o1", event_id="g3", days=1),
        delivered(event_id="g4", days=2),
        clicked(event_id="g5", url="https://shop.example/lamp", days=2, minutes=3),
        consent(event_id="g6", days=2),
        identified({"city": "Łódź", "age": 36, "height": 1.65, "vip": True, "fax": None}, event_id="g7", days=3),
        add("rug", event_id="g8", cart_id="cart-1", days=4),
        unsubscribed(event_id="g9", days=4, minutes=1),
    )
    customer.zone = "Europe/London"
    customer.tags = {"prefers:garden": at_ms(days=4)}
    customer.tag_words = {"prefers:garden": TagWord(at_ms(days=4), given=True, source="import")}
    customer.segments = {"loyal": at_ms(days=1)}
    customer.timers = {"ask:churn": at_ms(days=7), "forget": at_ms(days=90)}
    customer.fired = {"welcome": Fired(at_ms(minutes=5), "topic/0/1")}
    customer.offered = {"gift": at_ms(minutes=5)}
    customer.crossed = {"churn_risk": at_ms(days=3)}
    customer.questions = Questions.of((
        Question("churn", at_ms(), at_ms(days=28), "0.5 -1.25", "0a1b2c3d", None, None),
        Question("churn", at_ms(days=7), at_ms(days=35), "1 0", "0a1b2c3d", 0.75, "churn-1"),
    ))  # fmt: skip
    customer.scores = {"churn": LastScore(0.75, at_ms(days=7), "churn-1")}
    customer.awaited_seen = {"abandoned_checkout": at_ms(days=3)}
    customer.reach = {"email": Reach(at_ms(), at_ms(days=1), (at_ms(),), ((at_ms(), 7),))}
    customer.erased_ms = at_ms(days=-9)
    customer.claims = {"a/v-7": Claim(at_ms(days=2), holds=True)}
    customer.is_shared = True
    customer.open_offers = (
        OpenOffer("offer_reward", "gift", at_ms(), at_ms(days=7), "0.5", "0a1b", 0.25, "r-1", True, 7, True),
    )
    customer.sendings = Sendings.of((
        Sending("0a1b", at_ms(), "welcome", 1, 0, 7, 9, at_ms(days=2), at_ms(hours=-1), 5, 3, at_ms(minutes=1)),
    ))  # fmt: skip
    customer.waiting = (Waiting("abandoned_cart", "cart-1", at_ms(), at_ms(hours=9), "quiet_hours", {"lines": 2.0}),)
    customer.refused = {"churn_risk": "no_consent"}
    customer.trait_sources = {"city": "crm"}
    customer.occasions = {"abandoned_cart": at_ms(days=2)}
    customer.awaited = (Awaited("unopened", "m1", at_ms(), -1, has_fired=False),)
    customer.purchases = Purchases.of(
        NOTHING.with_basket(("lamp", "كرسي"), at_ms()).with_basket(("rug",), at_ms(days=2))
    )
    customer.journeys = (
        JourneyInstance("win_back", "cart-1", "0a1b2c", 2, at_ms(days=1), at_ms(), at_ms(days=7), "0a1b", 2, True),
    )
    customer.journey_texts = {"0a1b2c": "{}"}
    customer.sightings = Sightings.of((
        Sighting(at_ms(), "lamp"),
        Sighting(at_ms(minutes=1), "rug", 7, "EUR"),
        Sighting(at_ms(days=1), "rug", is_bought=True),
    ))  # fmt: skip
    customer.interests = {"category:garden": Buckets([(705, 14)]), "price:": Buckets([(705, 2, 1)])}
    customer.counts = {"5ce7f00d5ce7": Buckets([(19844, 2)])}
    return customer


def test_the_bytes_of_version_3_are_what_they_were() -> None:
    assert encode(a_bit_of_everything()).hex() == GOLDEN.read_text().replace("\n", "")


def test_the_bytes_of_version_3_are_still_read() -> None:
    assert decode(bytes.fromhex(GOLDEN.read_text())) == a_bit_of_everything()


def test_the_bytes_of_older_versions_are_still_read_and_nothing_is_in_the_fields_since() -> None:
    customer = a_bit_of_everything()
    customer.purchases, customer.tag_words = NO_PURCHASES, {}
    customer.sendings, customer.waiting, customer.refused, customer.awaited = NO_SENDINGS, (), {}, ()
    customer.responses = EMPTY_BUCKETS
    customer.journeys, customer.journey_texts = (), {}
    customer.sightings, customer.interests, customer.trait_sources = NO_SIGHTINGS, {}, {}
    customer.occasions = {}
    assert decode(bytes.fromhex(SECOND.read_text())) == customer
    customer.open_offers = ()
    assert decode(bytes.fromhex(FIRST.read_text())) == customer


def test_the_golden_customer_has_something_in_every_field() -> None:
    customer, blank = a_bit_of_everything(), Customer("", 0, 0)
    assert [name for name in ALL if getattr(customer, name) == getattr(blank, name)] == []


@settings(deadline=None)
@given(st.lists(events, max_size=30))
def test_a_state_survives_its_bytes(happened: list[Event]) -> None:
    rules = plan(abandoned_cart(), segments=[{"name": "any", "where": [{"feature": "views_7d", "at_least": 0}]}])
    state = None
    for offset, event in enumerate(happened):
        state = step(state, entry(event, offset), rules, NO_MODELS).customer
    if state is not None:
        again = decode(encode(state))
        assert again == state
        assert encode(again) == encode(state)
        assert [type(getattr(again, name)) for name in ALL] == [type(getattr(state, name)) for name in ALL]


def test_timers_are_found_without_decoding() -> None:
    customer = a_bit_of_everything()
    assert next_due(encode(customer)) == at_ms(days=7)
    customer.timers = {}
    assert next_due(encode(customer)) is None


def test_the_next_version_is_read_and_what_is_new_in_it_is_kept() -> None:
    customer = decode(bytes.fromhex(LATER.read_text()))
    assert customer.later == ([["web", 1]], 7)
    customer.later = ()
    assert customer == a_bit_of_everything()


def test_the_next_versions_fields_survive_an_event_and_being_written() -> None:
    later = decode(bytes.fromhex(LATER.read_text()))
    assert encode(later).hex() == LATER.read_text().replace("\n", "")
    outcome = step(later, entry(view(days=4), 10), plan(), NO_MODELS)
    assert outcome.customer is not None
    assert decode(encode(outcome.customer)).later == ([["web", 1]], 7)


def test_a_bucket_of_the_next_version_keeps_what_it_counts_more() -> None:
    written = encode(a_bit_of_everything())
    others_from = written.rindex(b'["c/ada"')
    values = orjson.loads(written[others_from:])
    place = FIELDS.index("days")
    values[place] = [[*row, *[0] * (len(Metric) + 1 - len(row)), 7] for row in values[place]]
    customer = decode(written[:others_from] + orjson.dumps(values))
    outcome = step(customer, entry(view(days=4), 10), plan(), NO_MODELS)
    assert outcome.customer is not None
    days = decode(encode(outcome.customer)).days
    assert [bucket and bucket[len(Metric) :] for bucket in map(days.get, days)] == [(7,)] * len(days)


def test_a_state_without_new_fields_is_written_in_this_version() -> None:
    assert encode(a_bit_of_everything())[0] == VERSION


def test_what_is_new_in_the_next_version_is_forgotten_with_the_rest() -> None:
    later = decode(bytes.fromhex(LATER.read_text()))
    assert fold(later, entry(erasure(), 10)).later == ()


@pytest.mark.parametrize("read", [decode, next_due])
def test_the_version_after_the_next_is_refused_with_both_numbers(read: Callable[[bytes], object]) -> None:
    too_late = bytes([READS_UP_TO + 1]) + encode(a_bit_of_everything())[1:]
    with pytest.raises(NewerVersionError, match="has version 5; this release reads versions up to 4"):
        read(too_late)


def a_plausible_year() -> Customer:
    """40 orders of 20 lines, 300 views in the visits before them and in between, 50 mails, weekly questions."""
    dice = Random(1)
    happened: list[Event] = [consent()]
    for number in range(40):
        day = number * 9
        happened += [view(days=day, minutes=minute) for minute in range(5)]
        happened += [view(days=day + 4, minutes=minute) for minute in range(2)]
        lines = tuple(line(f"{dice.randrange(20_000, 90_000)}A") for _ in range(20))
        happened.append(order(days=day, minutes=9, lines=lines, order_id=str(530_000 + number)))
    happened += [view(days=3 + 17 * number) for number in range(20)]
    for number in range(50):
        mail = f"mail-{number:05d}"
        happened += [delivered(mail, days=7 * number), opened(mail, days=7 * number, hours=3)]
        happened += [clicked(mail, days=7 * number, hours=3)] if number % 3 == 0 else []
    rules = plan(abandoned_cart(), churn={"features": ["log_recency_weeks", *LONG_LIST]})
    state = None
    for offset, event in enumerate(sorted(happened, key=lambda event: event.occurred_at)):
        state = step(state, entry(event, offset), rules, NO_MODELS).customer
    assert state is not None
    assert state.orders == 40
    return state


LONG_LIST = [
    "log_orders", "log_revenue", "log_mean_order_value", "tenure_weeks", "gap_mean_weeks", "gap_spread_weeks",
    "gap_ratio", "orders_28d", "orders_90d", "log_refunds", "log_views_7d", "log_views_28d", "log_opens_28d",
    "log_clicks_28d",
]  # fmt: skip


def test_a_typical_customer_takes_at_most_8_kb() -> None:
    assert len(encode(a_plausible_year())) <= 8 * 1024


@pytest.mark.slow
def test_a_customer_of_ten_thousand_events_takes_at_most_48_kb() -> None:
    dice = Random(2)
    customer: Customer | None = None
    for offset in range(10_000):
        minutes = dice.randrange(2 * 365 * 24 * 60)
        mail, sku, order_id = (f"{name}-{dice.randrange(10**9):09d}" for name in ("mail", "sku", "order"))
        choices: list[Event] = [
            view(minutes=minutes),
            add(sku, minutes=minutes, cart_id="cart-1"),
            delivered(mail, minutes=minutes),
            opened(mail, minutes=minutes),
            clicked(mail, minutes=minutes),
            order(*[f"{sku}-{number}" for number in range(20)], minutes=minutes, order_id=order_id),
            refund(order_id, minutes=minutes),
            consent(minutes=minutes, purpose=f"purpose-{offset}"),
            identified({f"trait-{offset}": "something of thirty letters..."}, minutes=minutes),
        ]
        customer = fold(customer, entry(dice.choice(choices), offset))
    assert customer is not None
    assert len(encode(customer)) <= 48 * 1024


def test_nobody_can_make_a_state_that_kafka_would_not_take() -> None:
    widest, name = "\x01" * 256, "\U0001f6d2" * 64
    customer: Customer | None = None
    happened: list[Event] = [
        event
        for number in range(120)
        for event in (
            identified({f"{name}{trait}": widest for trait in range(number % 60, number % 60 + 4)}),
            consent(purpose=f"marketing:{name}{number}"),
            delivered(f"{name}{number}"),
            add(f"{number}{name[:60]}", cart_id=name, utm_campaign=widest, days=number),
            order(*[f"{sku}{name[:60]}" for sku in range(120)], days=number, order_id=f"{name}{number}"),
        )
    ]
    for offset, event in enumerate(happened):
        customer = fold(customer, entry(event, offset))
    assert customer is not None
    assert len(encode(customer)) <= 600_000
    assert len(customer.consents) <= 16


def test_sums_of_money_stop_where_they_could_not_be_stored_any_more() -> None:
    customer = folded(order())
    customer.revenue_micros = customer.refunded_micros = 2**63 - 1_000_000
    happened: list[Event] = [order(), refund(), order(), refund()]
    for offset, event in enumerate(happened):
        customer = fold(customer, entry(event, offset))
    assert (customer.revenue_micros, customer.refunded_micros) == (2**63 - 1, 2**63 - 1)
    assert decode(encode(customer)) == customer
