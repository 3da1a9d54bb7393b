"""Who has seen a product is told when it gets cheaper, or is there again: each once, whatever comes first."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.customer.sightings import MAX_SIGHTINGS, watched
from streamproc.decide.plan import Plan
from streamproc.decide.products.product import Product
from streamproc.decide.stage import stage
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, Origin, encode_record
from streamproc.events.raw import Event
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, SUPPRESSIONS_TOPIC, TRAINING_TOPIC
from streamproc.processor.api import InputRecord, OutputRecord
from tests.builders import KEY, add, at_ms, changed, erasure, order, plan, viewed
from tests.decide.identity.town import PARTITIONS, Town, linked, told_in_disorder
from tests.measure.measuring import Owned

CHEAPER = {"name": "cheaper", "kind": "price_drop", "percent": 10, "cool_down_hours": 0}
BACK = {"name": "back", "kind": "back_in_stock", "cool_down_hours": 0}
CHEAPER_TOPIC, BACK_TOPIC = "marketing.triggers.cheaper.v1", "marketing.triggers.back.v1"


def rules(*triggers: dict[str, Any], **blocks: Any) -> Plan:
    return plan(*(triggers or (CHEAPER, BACK)), **blocks)


def after(*events: Event, by: Plan | None = None, hours: float = 100) -> Town:
    """What the partitions have said of these events when event time has passed them."""
    town = Town(by or rules()).tell(*events).rest()
    return town.mark(at_ms(hours=hours)).rest()


def told(town: Town, topic: str = CHEAPER_TOPIC) -> list[tuple[str, str, int]]:
    """Who was told of which product, and of which price in pounds, or 0."""
    said = [each for each in town.of(topic) if each["type"] == "trigger_emitted"]
    return sorted(
        (each["customer_id"] or each["anonymous_id"], each["correlation"], each["values"].get("new_price", 0) // 10**6)
        for each in said
    )


def test_who_saw_a_product_at_a_higher_price_is_told_with_both_prices() -> None:
    town = after(changed(pounds=10), viewed(minutes=1), changed(pounds=8, minutes=2))
    assert told(town) == [("ada", "lamp", 8)]
    [said] = town.of(CHEAPER_TOPIC)
    assert said["values"] == {
        "sku": "lamp", "old_price": 10_000_000, "new_price": 8_000_000, "drop": 2_000_000, "drop_percent": 20.0,
    }  # fmt: skip
    assert said["at"] == "2024-05-01T12:02:00Z"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=9.5, minutes=2)], []),
        ([viewed(pounds=10), changed(pounds=5, minutes=1)], []),
        ([changed(pounds=10), viewed(pounds=8, minutes=1), changed(pounds=8, minutes=2)], []),
        ([changed(pounds=10), viewed(pounds=20, currency="EUR", minutes=1), changed(pounds=9.5, minutes=2)], []),
        ([changed(pounds=10), add(minutes=1), order(minutes=2), changed(pounds=5, minutes=3)], []),
        ([changed(pounds=10), order(minutes=1), viewed(minutes=2), changed(pounds=5, minutes=3)], [5]),
        ([changed(pounds=10), viewed(minutes=1), erasure(minutes=2), changed(pounds=5, minutes=3)], []),
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=5, days=31)], []),
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=5, days=29)], [5]),
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=12, minutes=2), changed(pounds=11, minutes=3)], []),
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=8, minutes=2), changed(pounds=8, minutes=3)], [8]),
        ([changed(pounds=10), viewed(minutes=1), changed(pounds=8, minutes=2), changed(pounds=7, minutes=3)], [8, 7]),
        (
            [changed(pounds=10), viewed(minutes=1)]
            + [changed(pounds=price, minutes=minute) for minute, price in ((2, 8), (3, 10), (4, 8))],
            [8],
        ),
    ],
    ids=[
        "not by as much", "the first price that is known", "the price that the customer saw", "in another currency",
        "bought since", "seen again after it was bought", "erased", "too long ago", "within the days",
        "dearer than it was seen", "told again", "and cheaper again", "down, up and down again",
    ],
)  # fmt: skip
def test_a_price_that_fell(events: list[Event], expected: list[int]) -> None:
    assert sorted(price for _, _, price in told(after(*events, hours=24 * 40))) == sorted(expected)


def test_who_saw_it_when_there_was_none_is_told_that_it_is_there() -> None:
    happened: list[Event] = [changed(stock=5), viewed(customer_id="bob", minutes=1), changed(stock=0, minutes=2)]
    happened += [viewed(minutes=3), changed(stock=4, minutes=4), changed(stock=3, minutes=5)]
    town = after(*happened, changed(stock=0, minutes=6))
    assert told(town, BACK_TOPIC) == [("ada", "lamp", 0)]


def test_a_product_that_only_becomes_known_has_not_come_back() -> None:
    assert told(after(viewed(), changed(stock=4, minutes=4)), BACK_TOPIC) == []


def test_without_such_a_rule_nothing_is_kept_and_nothing_passed_on() -> None:
    town = after(changed(pounds=10), viewed(minutes=1), changed(pounds=5, minutes=2), by=plan())
    assert town.passed_on == []
    assert town.states().keys() == {"c/ada"}
    assert not town.customers()["c/ada"].sightings.rows
    assert "watching" not in town.customers()["c/ada"].timers


def test_a_product_is_known_in_each_partition_and_a_repeat_is_not_passed_on() -> None:
    town = after(changed(pounds=10, stock=3), changed(pounds=10, stock=3), changed(pounds=10, minutes=-5))
    assert len(town.passed_on) == 2 * (PARTITIONS - 1)
    assert isinstance(town.states()["s/lamp"], Product)


def test_what_a_visitor_saw_follows_who_logs_in() -> None:
    seen = viewed(customer_id=None, anonymous_id="v", minutes=1)
    town = after(changed(pounds=10), seen, linked("v", minutes=2), changed(pounds=5, minutes=3))
    assert told(town) == [("ada", "lamp", 5)]


def test_of_an_erased_customer_no_product_is_remembered() -> None:
    town = after(changed(pounds=10), viewed(minutes=1), erasure(minutes=2), hours=1)
    assert not town.customers()["c/ada"].sightings.rows


def test_of_a_customer_the_last_products_are_watched_and_purchases_give_way_first() -> None:
    many = [viewed(f"p{number:02d}", minutes=1 + number) for number in range(MAX_SIGHTINGS + 5)]
    bought = order(*(f"q{number}" for number in range(500)), minutes=100)
    rows = after(*many, bought, hours=0).customers()["c/ada"].sightings
    assert sorted(watched(rows)) == [f"p{number:02d}" for number in range(5, MAX_SIGHTINGS + 5)]


def test_what_was_seen_too_long_ago_is_forgotten_without_an_event() -> None:
    town = after(viewed(), viewed("rug", days=20))
    assert town.mark(at_ms(days=31)).rest().customers()["c/ada"].sightings.rows == [[at_ms(days=20), "rug"]]
    assert not town.mark(at_ms(days=60)).rest().customers()["c/ada"].sightings.rows


def test_a_sighting_that_is_told_after_the_change_is_asked_about_then() -> None:
    town = after(changed(pounds=10), changed(pounds=5, minutes=2), hours=1)
    assert told(town.tell(viewed(minutes=1)).rest().mark(at_ms(hours=2)).rest()) == [("ada", "lamp", 5)]


def test_an_order_that_is_told_late_takes_the_message_back() -> None:
    town = after(changed(pounds=10), viewed(minutes=1), changed(pounds=5, minutes=3), hours=1)
    town.tell(order(minutes=2)).rest()
    assert [each["type"] for each in town.of(CHEAPER_TOPIC)] == ["trigger_emitted", "trigger_retracted"]


NIGHT = {"quiet_hours": {"begin": "12:00", "end": "18:00"}}


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ([], [5]),
        ([changed(pounds=4, minutes=30)], [4]),
        ([changed(pounds=9.5, minutes=30)], []),
        ([order(minutes=30)], []),
        ([viewed(minutes=30)], []),
    ],
    ids=["still as low", "lower still", "dearer again", "bought meanwhile", "seen meanwhile"],
)
def test_what_waits_for_the_morning_is_looked_at_again(then: list[Event], expected: list[int]) -> None:
    town = after(changed(pounds=10), viewed(minutes=1), changed(pounds=5, minutes=3), *then, by=rules(policy=NIGHT))
    assert [price for _, _, price in told(town)] == expected


def test_each_product_has_a_cool_down_of_its_own_if_the_rule_says_so() -> None:
    rule = CHEAPER | {"cool_down_hours": 24, "cool_down_per": "key"}
    events = [changed(sku, 10) for sku in ("lamp", "rug")] + [viewed(sku, minutes=1) for sku in ("lamp", "rug")]
    events += [changed(sku, pounds, minutes=m) for m, pounds in ((2, 8), (3, 6)) for sku in ("lamp", "rug")]
    assert told(after(*events, by=rules(rule))) == [("ada", "lamp", 8), ("ada", "rug", 8)]


def log_of(*events: Event) -> list[InputRecord]:
    """One partition's log of these events, with event time behind them."""
    said = [(subject_of(each).key.encode(), epoch_ms(each.occurred_at), each) for each in events]
    end = at_ms(hours=100)
    records = [*said, (CONTROL_KEY, end, Complete(hops=TWICE, through_ms=end))]
    return [
        InputRecord(LOG_TOPIC, 0, offset, moment, key, encode_record(each, moment, moment, Origin("raw", 0, offset)))
        for offset, (key, moment, each) in enumerate(records)
    ]


def in_pieces(log: list[InputRecord], by: Plan, dice: Random, chance: float) -> list[OutputRecord]:
    """What owners say of whom some leave off where they may, and lose what they did behind that."""
    its = Owned(stage(by, KEY, ()), 0, counts={LOG_TOPIC: 1, FACTS_TOPIC: 1, TRAINING_TOPIC: 1})
    said: list[OutputRecord] = []
    place = 0
    while place < len(log):
        new: list[OutputRecord] = []
        for step in its.processor.process(log[place:]):
            if isinstance(step, OutputRecord):
                new.append(step)
                continue
            its.states.checkpoint()
            said, new, place = [*said, *new], [], step.offset
            if dice.random() < chance:
                break
        its.take_over()
    return said


@pytest.mark.parametrize(
    ("consent", "topic"), [("allow", CHEAPER_TOPIC), ("deny", SUPPRESSIONS_TOPIC)], ids=["sent", "refused"]
)
def test_a_product_that_many_watch_is_told_of_in_pieces_and_to_each_of_them_once(consent: str, topic: str) -> None:
    many = [f"c{number:02d}" for number in range(40)]
    seen = [viewed(customer_id=name, minutes=1) for name in many]
    log = log_of(changed(pounds=10), *seen, changed(pounds=5, minutes=2), viewed(minutes=3))
    by = rules(policy={"consent": {"marketing": consent}})
    whole = in_pieces(log, by, Random(0), 0)
    assert [each.key for each in whole if each.topic == topic] == [f"c/{name}".encode() for name in many]
    for seed in range(10):
        assert in_pieces(log, by, Random(seed), 0.2) == whole


customers = st.sampled_from(["ada", "bob"])
skus = st.sampled_from(["lamp", "lamp", "lamp", "rug"])
prices = st.sampled_from([None, 5, 8, 10, 12, 14])
stocks = st.sampled_from([None, 0, 3])
seen = st.builds(lambda who, sku, price: ("saw", who, sku, price), customers, skus, prices)
bought = st.builds(lambda who, sku: ("bought", who, sku, None), customers, skus)
changes = st.builds(lambda sku, price, stock: ("changed", None, sku, (price, stock)), skus, prices, stocks)
acts = st.one_of(seen, seen, bought, changes, changes)


def event_of(minute: int, act: tuple[Any, ...]) -> Event:
    kind, who, sku, value = act
    match kind:
        case "saw":
            return viewed(sku, value, customer_id=who, minutes=minute)
        case "bought":
            return order(sku, customer_id=who, minutes=minute)
        case _:
            return changed(sku, *value, minutes=minute)


def live(events: list[Event], by: Plan) -> Town:
    """Event time comes to each event before the next one arrives."""
    town = Town(by)
    for minute, event in enumerate(events):
        town.tell(event).rest().mark(at_ms(minutes=minute)).rest()
    return town


@settings(deadline=None)
@given(st.lists(acts, min_size=2, max_size=14), st.integers(0, 2**32))
def test_whatever_comes_first_the_same_customers_are_told_and_of_no_price_twice(
    happened: list[tuple[Any, ...]], seed: int
) -> None:
    events = [event_of(minute, act) for minute, act in enumerate(happened)]
    said: dict[str, list[Any]] = {}
    for town in (live(events, rules()), told_in_disorder(Town(rules()), [*events, *events], Random(seed))):
        town.mark(at_ms(hours=100)).rest()
        for topic in (CHEAPER_TOPIC, BACK_TOPIC):
            found = [(each["customer_id"], each["correlation"], each["at"], each["values"]) for each in town.of(topic)]
            found.sort(key=str)
            assert said.setdefault(topic, found) == found
            assert len({each[:3] for each in found}) == len(found)
