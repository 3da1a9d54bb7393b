"""Tags: who gives them, who takes them away, and since when they are there."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.state import MAX_TAGS
from streamproc.customer.tags import source_of
from streamproc.decide.segments.decay import DECAY
from streamproc.events.decisions import CustomerTagged, SegmentChange
from streamproc.events.raw import Event
from tests.builders import Shop, at_ms, erasure, folded, on_order, order, plan, sent_by, tagged, view

BUYER = {"name": "buyer", "where": [{"feature": "orders_28d", "at_least": 1}]}
VIP = {"name": "vip", "where": [{"feature": "orders_28d", "at_least": 2}]}


def changes(outcomes: list[Any]) -> list[tuple[str, str, str]]:
    told = [d for outcome in outcomes for d in outcome.decisions if isinstance(d, CustomerTagged)]
    return [(each.tag, each.change, each.source) for each in told]


def segments(outcomes: list[Any]) -> list[tuple[str, str, str]]:
    told = [d for outcome in outcomes for d in outcome.decisions if isinstance(d, SegmentChange)]
    return [(each.segment, each.change, each.at) for each in told]


def test_a_rule_gives_a_tag_and_its_end_takes_it_away_by_time_alone() -> None:
    shop = Shop(plan(tags=[BUYER]))
    assert changes(shop.sees(view(), order(minutes=1), view(minutes=2))) == [("buyer", "given", "rule")]
    assert shop.ada.tags == {"buyer": at_ms(minutes=1)}
    assert changes(shop.mark(days=27)) == []
    assert changes(shop.mark(days=28)) == [("buyer", "taken", "rule")]
    assert shop.ada.tags == {}


def test_what_was_said_no_rule_takes_away() -> None:
    shop = Shop(plan(tags=[BUYER, VIP]))
    assert changes(shop.sees(tagged("vip"), order(minutes=1))) == [
        ("vip", "given", "event"),
        ("buyer", "given", "rule"),
    ]
    assert changes(shop.mark(days=100)) == [("buyer", "taken", "rule")]
    assert changes(shop.sees(tagged("vip", given=False, days=101, by="import"))) == [("vip", "taken", "import")]


def test_what_a_rule_gives_no_word_takes_away() -> None:
    shop = Shop(plan(tags=[BUYER]))
    shop.sees(order(), tagged("buyer", minutes=1))
    assert source_of(shop.ada, "buyer") == "event"
    assert changes(shop.sees(tagged("buyer", given=False, minutes=2))) == []
    assert (shop.ada.tags, source_of(shop.ada, "buyer")) == ({"buyer": at_ms()}, "rule")
    assert changes(shop.mark(days=100)) == [("buyer", "taken", "rule")]


def test_a_tag_that_is_given_again_is_there_since_it_was_given_first() -> None:
    shop = Shop(plan())
    assert changes(shop.sees(tagged(), tagged(days=3))) == [("vip", "given", "event")]
    assert shop.ada.tags == {"vip": at_ms()}


words = st.lists(
    st.builds(
        lambda tag, minutes, given, by: tagged(tag, minutes=minutes, given=given, by=by),
        st.sampled_from(["a", "b"]),
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from(["event", "import"]),
    ),
    max_size=4,
)


@given(words)
def test_the_newest_word_counts_whatever_the_order_of_arrival(said: list[Event]) -> None:
    found = [folded(view(), *order).tag_words for order in permutations(said)]
    assert all(each == found[0] for each in found)


def test_of_more_words_than_there_is_room_for_the_oldest_is_forgotten() -> None:
    shop = Shop(plan())
    shop.sees(*(tagged(f"t{number}", minutes=number) for number in range(MAX_TAGS)))
    assert changes(shop.sees(tagged("more", days=1))) == [("more", "given", "event"), ("t0", "taken", "event")]
    assert len(shop.ada.tags) == len(shop.ada.tag_words) == MAX_TAGS


def test_an_erased_customer_has_no_tags() -> None:
    shop = Shop(plan(tags=[BUYER]))
    shop.sees(order(), tagged())
    gone = [("buyer", "taken", "rule"), ("vip", "taken", "event")]
    assert changes(shop.sees(erasure(days=1))) == gone
    assert (shop.ada.tags, shop.ada.tag_words) == ({}, {})


def test_a_segment_asks_for_a_tag_that_is_given_at_the_same_moment() -> None:
    shop = Shop(plan(tags=[BUYER], segments=[{"name": "tagged", "where": [{"tag": "buyer"}]}]))
    assert segments(shop.sees(order())) == [("tagged", "entered", "2024-05-01T12:00:00Z")]
    assert segments(shop.mark(days=28)) == [("tagged", "left", "2024-05-29T00:00:00Z")]


def test_a_segment_asks_how_long_a_tag_has_been_there_to_the_millisecond() -> None:
    shop = Shop(plan(segments=[{"name": "long", "where": [{"tag": "vip", "for_days": 30}]}]))
    shop.sees(tagged())
    assert shop.ada.timers[DECAY] == at_ms(days=30)
    shop.sees(tagged(given=False, days=10))
    assert DECAY not in shop.ada.timers
    shop.sees(tagged(days=20))
    assert segments(shop.mark(days=60)) == [("long", "entered", "2024-06-20T12:00:00Z")]


def test_a_trigger_asks_for_a_tag() -> None:
    shop = Shop(plan(on_order(where=[{"tag": "vip", "for_days": 1}])))
    assert sent_by(shop.sees(order(), tagged(minutes=1), order(minutes=2), order(days=2))) == ["thanks"]
