"""Orders, edits, cancellations and refunds: whatever arrives when and how often, the sums are the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.events.facts import Fact
from streamproc.events.purchase import OrderCancelled, OrderRefunded
from streamproc.events.raw import Event
from streamproc.events.shop import RateSettings
from streamproc.events.shop import Shop as Counting
from streamproc.measure.plan import KpiPlan
from streamproc.measure.sums import add_up
from streamproc.settings.load import load
from tests.builders import Shop, cancel, on_order, order, plan, refund, view
from tests.measure.kpi_blocks import NOWHERE

ROOT = Path(__file__).parents[2]
KPIS = KpiPlan.of(load(ROOT / "config", ROOT / "topics").kpis)
NOT_OF_ORDERS = {"answers", "left"}
"""What the model's questions say hangs on what was known when they were asked."""

orders = st.sampled_from(["o1", "o2"])
moments = st.integers(0, 4).map(lambda quarter: 720 * quarter)
pounds = st.sampled_from([0, 10, 20, 50])
some = st.none() | pounds
currencies = st.sampled_from(["GBP", "GBP", "EUR"])


tellings: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        lambda name, minutes, paid, currency: order(order_id=name, minutes=minutes, pounds=paid, currency=currency),
        orders, moments, pounds, currencies,
    ),
    st.builds(
        lambda name, minutes, paid, number, currency: refund(
            name, paid, minutes=minutes, refund_id=number, currency=currency
        ),
        orders, moments, some, st.sampled_from([None, "r1", "r2"]), currencies,
    ),
    st.builds(lambda name, minutes, paid: cancel(name, paid, minutes=minutes), orders, moments, some),
)  # fmt: skip


def told_again(event: Any, number: int) -> Any:
    """The same by another delivery, which has an event id of its own; a refund needs an id of its own for that."""
    if isinstance(event, OrderRefunded) and event.refund_id is None:
        return event
    return event.model_copy(update={"event_id": f"again-{number}"})


several = st.lists(tellings, min_size=1, max_size=6)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """What happened, and the same in another order, with some of it told again."""
    happened = draw(several)
    again = [told_again(event, number) for number, event in enumerate(draw(st.lists(st.sampled_from(happened))))]
    return happened, draw(st.permutations([*happened, *again]))


def sums_of(facts: Sequence[Fact]) -> dict[str, dict[str, int]]:
    """What the shipped KPIs add up to in each window, without what is 0."""
    said: Any = [
        {"fact": each.fact, "at_ms": each.at_ms, "values": each.values, "position": NOWHERE}
        | {"taken_back": each.taken_back}
        for each in facts
    ]
    found = {
        window.key: {name: value for name, value in sums.series.items() if value and name not in NOT_OF_ORDERS}
        for window, sums in add_up(KPIS, said).items()
    }
    return {window: series for window, series in found.items() if series}


def kpis_after(*happened: Event) -> dict[str, dict[str, int]]:
    return sums_of([fact for outcome in Shop(plan()).sees(*happened) for fact in outcome.facts])


def totals_after(*happened: Event) -> tuple[Any, ...]:
    shop = Shop(plan())
    shop.sees(*happened)
    ada = shop.ada
    days = {day: counts for day in ada.days if any(counts := ada.days.get(day) or ())}
    return (
        ada.orders, ada.revenue_micros, ada.refunds, ada.refunded_micros, ada.first_order_ms, ada.last_order_ms,
        days, ada.ledger,
    )  # fmt: skip


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(arrivals())
def test_any_order_and_repetition_gives_the_same_customer(both: tuple[list[Any], list[Any]]) -> None:
    one, other = both
    assert totals_after(*one) == totals_after(*other)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(arrivals())
def test_any_order_and_repetition_gives_the_same_kpis_of_each_day_and_in_total(
    both: tuple[list[Any], list[Any]],
) -> None:
    one, other = both
    assert kpis_after(*one) == kpis_after(*other)


def returned(newest: int, cancellations: set[int | None], refunds: Sequence[int | None]) -> int:
    """The rule, from all that was told of an order."""
    parts = [part for part in cancellations if part is not None]
    cancelled = max(newest if None in cancellations else min(sum(parts), newest), *parts, 0)
    told = sum(part for part in refunds if part is not None)
    return max(cancelled, max(newest, told) if None in refunds else told)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(
    st.lists(pounds, min_size=1, max_size=3), st.lists(some, max_size=3, unique=True), st.lists(some, max_size=3),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_net_revenue_is_the_newest_amount_less_what_was_returned(
    edits: list[int], cancellations: list[int | None], refunds: list[int | None], dice: Any
) -> None:
    happened: list[Any] = [order(order_id="o1", pounds=paid, minutes=n) for n, paid in enumerate(edits)]
    happened += [cancel("o1", part, days=1, minutes=n) for n, part in enumerate(cancellations)]
    happened += [refund("o1", part, days=2, minutes=n) for n, part in enumerate(refunds)]
    dice.shuffle(happened)
    net = kpis_after(*happened).get("total", {}).get("net_revenue", 0)
    assert net == 1_000_000 * (edits[-1] - returned(edits[-1], set(cancellations), refunds))


def test_a_cancellation_told_twice_gives_back_once() -> None:
    total = kpis_after(order(order_id="o1", pounds=50), cancel("o1", hours=1), cancel("o1", hours=2))["total"]
    assert "net_revenue" not in total
    assert total["cancellations"] == 1


def test_a_return_whose_order_has_not_come_counts_as_told_and_is_settled_by_the_order() -> None:
    told, waiting = refund("o1", 20, days=1), cancel("o1", days=2)
    assert kpis_after(told, waiting)["total"]["net_revenue"] == -20_000_000
    assert "net_revenue" not in kpis_after(told, waiting, order(order_id="o1", pounds=50))["total"]


def test_a_goodwill_refund_above_the_amount_counts_as_told() -> None:
    assert kpis_after(order(order_id="o1", pounds=50), refund("o1", 60))["total"]["net_revenue"] == -10_000_000


def test_an_edit_counts_on_the_order_s_day_and_the_order_once() -> None:
    kpis = kpis_after(order(order_id="o1", pounds=50), order(order_id="o1", pounds=30, days=3))
    assert [(day, sums["revenue"]) for day, sums in kpis.items()] == [
        ("day|2024-05-01", 30_000_000), ("total", 30_000_000),
    ]  # fmt: skip
    assert kpis["total"]["orders"] == 1


def test_an_order_that_is_told_again_or_edited_is_no_occasion() -> None:
    shop = Shop(plan(on_order(), offers={"offer": [{"id": "gift", "content": "g", "cool_down_days": 0}]}))
    outcomes = shop.sees(
        order(order_id="o1"), order(order_id="o1", minutes=1), order(order_id="o1", pounds=5, minutes=2)
    )
    assert [len(outcome.decisions) for outcome in outcomes] == [2, 0, 0]
    assert shop.ada.orders == 1


def test_an_order_that_turns_out_to_be_free_is_no_order_any_more() -> None:
    shop = Shop(plan())
    shop.sees(order(order_id="o1"), order(order_id="o1", pounds=0, minutes=5))
    assert (shop.ada.orders, shop.ada.last_order_ms, shop.ada.revenue_micros) == (0, None, 0)


def test_more_returns_than_are_told_apart_still_add_up() -> None:
    shop = Shop(plan())
    shop.sees(order(order_id="o1", pounds=50), *[refund("o1", 1, minutes=n) for n in range(100)])
    assert shop.ada.refunded_micros == 100_000_000
    assert len(next(iter(shop.ada.ledger)).returns) == 32


def test_money_without_a_rate_counts_as_an_order_and_in_no_sum() -> None:
    total = kpis_after(order(pounds=50, currency="EUR"), refund(pounds=5, currency="EUR"))["total"]
    assert (total["orders"], total["refunds"]) == (1, 1)
    assert {"revenue", "net_revenue"}.isdisjoint(total)


def test_money_with_a_rate_is_the_shop_s_money_by_the_rate_of_the_day() -> None:
    rates = [("2024-01-01", 0.85), ("2024-05-02", 0.9)]
    settings = RateSettings.model_validate(
        {"rate": [{"currency": "EUR", "from": date.fromisoformat(day), "worth": worth} for day, worth in rates]}
    )
    shop = Shop(replace(plan(), shop=Counting.of("GBP", "UTC", settings)))
    shop.sees(order(order_id="o1", pounds=50, currency="EUR"), order(pounds=50, currency="USD"))
    assert (shop.ada.orders, shop.ada.revenue_micros) == (2, 42_500_000)
    shop.sees(cancel("o1", days=1), refund("o1", 50, currency="EUR", days=1))
    assert shop.ada.refunded_micros == 45_000_000


@pytest.mark.parametrize("back", [refund("o1", None, currency=None), cancel("o1", currency=None)])
def test_what_goes_back_as_a_whole_need_not_say_the_currency(back: OrderRefunded | OrderCancelled) -> None:
    for events in permutations((order(order_id="o1", pounds=20), refund("o1", 5, minutes=1), back)):
        shop = Shop(plan())
        shop.sees(*events)
        assert (shop.ada.revenue_micros, shop.ada.refunded_micros) == (20_000_000, 20_000_000)
        assert "net_revenue" not in kpis_after(*events)["total"]  # it is 0


def test_an_order_that_is_edited_to_an_earlier_day_was_no_visit_on_the_later() -> None:
    kpis = kpis_after(view(), order(order_id="o1", days=1), order(order_id="o1"))
    assert [(day, sums.get("visitors")) for day, sums in kpis.items()] == [("day|2024-05-01", 1), ("total", None)]
