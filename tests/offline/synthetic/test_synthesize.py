"""Synthetic behaviour: seeded, marked as such, and true to the real orders around it."""

import itertools
import tempfile
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.adapters.native import parse
from streamproc.events.clickstream import CartAdded, CartRemoved, CheckoutStarted
from streamproc.events.email import Bounced, Clicked, Complained, Delivered, MessageEvent, Opened, Sent, Unsubscribed
from streamproc.events.profile import ConsentChanged, Linked
from streamproc.events.purchase import OrderPlaced
from streamproc.events.raw import FAMILIES, Event
from streamproc.offline.dumps.files import ignore_progress, merge_dumps, read_dump, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.synthetic.story import Habits
from streamproc.offline.synthetic.synthesize import SynthesisError, synthesize
from streamproc.offline.tables.importing import ImportReport
from tests.trying import tried

pytestmark = pytest.mark.slow  # a synthesis of three weeks

SEED = 7


@pytest.fixture(scope="session")
def synthetic(three_weeks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks with more mail than by default, so that everything occurs."""
    out = tmp_path_factory.mktemp("synthetic") / "synthetic.jsonl"
    synthesize(three_weeks, out, SEED, ignore_progress, Habits(mailed_ratio=0.9))
    return out


@pytest.fixture(scope="session")
def events(synthetic: Path) -> list[Event]:
    return events_of(synthetic)


@pytest.fixture(scope="session")
def orders(three_weeks: Path) -> dict[str, list[OrderPlaced]]:
    """The paid orders of each customer, in time order."""
    found: dict[str, list[OrderPlaced]] = defaultdict(list)
    for event in events_of(three_weeks):
        if isinstance(event, OrderPlaced) and event.customer_id and event.amount:
            found[event.customer_id].append(event)
    return found


def events_of(dump: Path) -> list[Event]:
    return [cast("Event", parse(record.value)) for record in merge_dumps([dump])]


def some_orders(path: Path, folder: Path, number: int = 150) -> Path:
    write_dump(folder / "orders.jsonl", itertools.islice(read_dump(path), number))
    return folder / "orders.jsonl"


def synthesized(orders: Path, seed: int = SEED) -> bytes:
    out = orders.with_name("out.jsonl.gz")
    synthesize(orders, out, seed, ignore_progress)
    return out.read_bytes()


def test_every_event_is_valid_and_says_that_it_is_synthetic(synthetic: Path, events: list[Event]) -> None:
    families = tuple(itertools.chain.from_iterable(FAMILIES.values()))
    for record, event in zip(read_dump(synthetic), events, strict=True):
        assert isinstance(event, families), (record, event)
        assert event.source == "synthetic"
        assert event.event_id.startswith("synthetic-")
        assert type(event) in FAMILIES[record.topic.split(".")[1]]
        assert record.key == (event.customer_id or event.anonymous_id or "").encode()
    assert len({event.event_id for event in events}) == len(events)


def test_made_up_ids_are_marked_and_customers_are_real(
    events: list[Event], orders: dict[str, list[OrderPlaced]]
) -> None:
    made_up = {"anonymous_id", "cart_id", "message_id", "campaign_id", "utm_campaign"}
    for event in events:
        assert event.customer_id is None or event.customer_id in orders
        for name, value in event.model_dump(include=made_up, exclude_none=True).items():
            assert value.startswith("synthetic-"), (name, value)


def test_orders_are_never_made_up(events: list[Event]) -> None:
    assert not {event.type for event in events} & {"order_placed", "order_refunded", "order_cancelled"}


def test_every_kind_of_behaviour_occurs(events: list[Event]) -> None:
    kinds = Counter(event.type for event in events)
    expected = {cls.model_fields["type"].default for name in ("clickstream", "email") for cls in FAMILIES[name]}
    # this shop tells each change of a cart, and its mails are neither late nor held back
    left_out = {"cart_updated", "deferred", "dropped"}
    assert set(kinds) == (expected | {"consent_changed", "linked"}) - left_out
    assert any(isinstance(event, Opened) and event.is_machine for event in events)
    assert any(getattr(event, "utm_campaign", None) for event in events)


def test_a_visits_events_are_one_after_the_other(events: list[Event]) -> None:
    for visit in by_visit(events).values():
        for before, after in itertools.pairwise(visit):
            assert timedelta(0) < after.occurred_at - before.occurred_at < timedelta(minutes=2)


def test_a_customers_cart_is_ordered_soon_or_not_for_hours(
    events: list[Event], orders: dict[str, list[OrderPlaced]]
) -> None:
    outcomes: Counter[str] = Counter()
    for visit in by_visit(events).values():
        left = in_cart(visit)
        customer = visit[-1].customer_id
        if not left or customer is None:
            continue
        began, ended = visit[0].occurred_at, visit[-1].occurred_at
        order = next((order for order in orders[customer] if order.occurred_at > began), None)
        if order is None or order.occurred_at > began + timedelta(hours=12):
            outcomes["abandoned"] += 1
        else:
            assert ended < order.occurred_at < ended + timedelta(minutes=3)
            assert left <= {line.sku for line in order.lines}
            outcomes["ordered"] += 1
    assert outcomes["ordered"] > 200
    assert outcomes["abandoned"] > 20


def by_visit(events: list[Event]) -> dict[str, list[Event]]:
    visits: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if "-visit-" in event.event_id:
            visits[event.event_id.rpartition("-")[0]].append(event)
    return visits


def in_cart(visit: list[Event]) -> set[str]:
    skus: set[str] = set()
    for event in visit:
        if isinstance(event, CartAdded):
            skus.add(event.sku)
        if isinstance(event, CartRemoved):
            skus.discard(event.sku)
    return skus


def test_a_visit_of_nobody_becomes_a_customers_when_they_log_in(
    events: list[Event], orders: dict[str, list[OrderPlaced]]
) -> None:
    links = [event for event in events if isinstance(event, Linked)]
    anonymous = {event.anonymous_id for event in events if event.customer_id is None}
    assert 0 < len(links) < len(anonymous)
    for link in links:
        assert link.anonymous_id in anonymous
        assert link.customer_id in orders
        assert link.occurred_at < orders[link.customer_id][0].occurred_at
    after = [e for e in events if isinstance(e, CheckoutStarted) and e.anonymous_id in {k.anonymous_id for k in links}]
    assert after
    assert all(event.customer_id for event in after)


def test_consent_is_given_just_before_the_first_order(
    events: list[Event], orders: dict[str, list[OrderPlaced]]
) -> None:
    given = [event for event in events if isinstance(event, ConsentChanged) and event.granted]
    for consent in given:
        lead = orders[consent.customer_id or ""][0].occurred_at - consent.occurred_at
        assert timedelta(0) < lead < timedelta(seconds=10)
    by_mail = [consent for consent in given if consent.channel == "email"]
    assert 0.8 < len(by_mail) / len(orders) < 0.9
    assert any(consent.channel == "push" for consent in given)


def test_mail_only_goes_to_those_who_allow_it(events: list[Event]) -> None:
    allowed: dict[str, bool] = {}
    for event in events:
        customer = event.customer_id or ""
        if isinstance(event, ConsentChanged) and event.channel == "email":
            allowed[customer] = event.granted
        elif isinstance(event, Unsubscribed | Complained) or (isinstance(event, Bounced) and event.kind == "hard"):
            allowed[customer] = False
        elif isinstance(event, Sent):
            assert allowed[customer]


def test_a_message_is_sent_then_delivered_or_bounced_then_read(events: list[Event]) -> None:
    messages: dict[str, list[MessageEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, MessageEvent) and event.message_id is not None:
            messages[event.message_id].append(event)
    for sent, *rest in messages.values():
        assert isinstance(sent, Sent)
        assert len({(event.customer_id, event.campaign_id, event.variant) for event in (sent, *rest)}) == 1
        if rest:  # what would come after the last day is left out
            assert isinstance(rest[0], Delivered | Bounced)
            assert not (isinstance(rest[0], Bounced) and rest[1:])
            assert all(isinstance(event, Opened | Clicked | Unsubscribed | Complained) for event in rest[1:])


def test_nothing_happens_after_the_day_of_the_last_order(
    events: list[Event], orders: dict[str, list[OrderPlaced]]
) -> None:
    last: datetime = max(own[-1].occurred_at for own in orders.values())
    assert events[-1].occurred_at.date() == last.date()


@given(st.integers())
@tried(5)
def test_the_same_seed_makes_the_same_bytes(three_weeks: Path, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        orders = some_orders(three_weeks, Path(folder))
        assert synthesized(orders, seed) == synthesized(orders, seed)
        assert synthesized(orders, seed) != synthesized(orders, seed + 1)


@given(st.randoms(use_true_random=False))
@tried(5)
def test_the_order_of_orders_of_one_minute_does_not_matter(three_weeks: Path, random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        orders = some_orders(three_weeks, Path(folder))
        expected = synthesized(orders)
        records = list(read_dump(orders))
        random.shuffle(records)
        write_dump(orders, sorted(records, key=lambda record: record.timestamp))
        assert synthesized(orders) == expected


def test_habits_decide_how_much_happens(three_weeks: Path, tmp_path: Path) -> None:
    sizes = []
    for sessions in (0.0, 1.0, 2.0):
        habits = Habits(sessions_per_order=sessions, mailed_ratio=0)
        counts = synthesize(three_weeks, tmp_path / "out", SEED, ignore_progress, habits)
        assert counts["shop.email.v1"] == 0
        sizes.append(counts["shop.clickstream.v1"])
    assert sizes[0] == 0
    assert 1.8 < sizes[2] / sizes[1] < 2.2


def test_a_dump_without_a_customers_order_is_refused(tmp_path: Path) -> None:
    write_dump(tmp_path / "orders", [DumpedRecord("shop.purchase.v1", None, 1, b"{}")])
    with pytest.raises(SynthesisError, match="import purchases first"):
        synthesize(tmp_path / "orders", tmp_path / "out", SEED, ignore_progress)


def test_the_demos_year_has_about_150_000_events(whole_year: tuple[Path, ImportReport], tmp_path: Path) -> None:
    counts = synthesize(whole_year[0], tmp_path / "out.jsonl", SEED, ignore_progress)
    assert 140_000 < counts.total() + whole_year[1].events.total() < 160_000
    assert sum(1 for _ in merge_dumps([tmp_path / "out.jsonl"])) == counts.total()
