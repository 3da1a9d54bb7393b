"""What facts add up to."""

import tomllib
from collections import Counter
from functools import reduce
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.times import DAY_MS
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry
from streamproc.measure.series import split, sub_series
from streamproc.measure.sums import FactMessage, Sums, add_up
from streamproc.measure.windows import TOTAL, Window
from tests.measure.kpi_blocks import count, distinct, fact, facts, order, plan, total_of

CONFIG = Path(__file__).parents[2] / "config/kpis.toml"
SHOP = KpiPlan.of(KpiRegistry.model_validate(tomllib.loads(CONFIG.read_text())))
Windows = dict[Window, Sums]


def together(one: Windows, other: Windows) -> Windows:
    both = {window: sums.plus(other[window]) for window, sums in one.items() if window in other}
    return one | other | both


@given(st.lists(st.lists(facts)))
def test_sums_add_up_over_any_split_of_the_facts(parts: list[list[FactMessage]]) -> None:
    whole = [fact for part in parts for fact in part]
    nothing: Windows = {}
    assert reduce(together, (add_up(SHOP, part) for part in parts), nothing) == add_up(SHOP, whole)


@given(st.lists(facts), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(several: list[FactMessage], random: Random) -> None:
    shuffled = list(several)
    random.shuffle(shuffled)
    assert add_up(SHOP, shuffled) == add_up(SHOP, several)


@given(st.lists(facts))
def test_the_total_of_what_is_counted_by_the_day_is_the_sum_of_the_days(several: list[FactMessage]) -> None:
    windows = add_up(plan(count(), total_of(), count("triggers", facts=["trigger"], by=["trigger"])), several)
    days = [Counter(sums.series) for window, sums in windows.items() if window != TOTAL]
    assert sum(days, Counter()) == Counter(windows[TOTAL].series) if days else TOTAL not in windows


@given(st.lists(facts))
def test_the_shops_kpis_are_what_their_descriptions_say(several: list[FactMessage]) -> None:
    total = add_up(SHOP, several).get(TOTAL, Sums(0, {})).series
    money = [f["values"] for f in several if f["fact"] in ("order", "refund")]
    own = [f["values"] for f in several if f["fact"] == "order" and not f["values"]["guest"]]
    assert total.get("orders", 0) == len(own)
    assert total.get("revenue", 0) == sum(int(v["amount"] or 0) for v in own)
    assert total.get("net_revenue", 0) == sum(int(v["net_amount"] or 0) for v in money)
    assert total.get("customers", 0) == sum(f["values"].get("first_ever") is True for f in several)
    assert total.get("second_orders", 0) == sum(f["values"].get("order_number") == 2 for f in several)


def test_a_fact_counts_on_its_utc_day_and_in_the_total() -> None:
    last_moment = order(day=3)
    last_moment["at_ms"] = 4 * DAY_MS - 1
    windows = add_up(plan(count()), [last_moment, order(day=4, hour=0)])
    assert windows == {
        Window(3): Sums(3, {"orders": 1}),
        Window(4): Sums(4, {"orders": 1}),
        TOTAL: Sums(3, {"orders": 2}),
    }


def test_a_fact_that_no_kpi_counts_touches_no_window() -> None:
    assert add_up(plan(count(where={"guest": True})), [order(), fact("page_view"), fact("unheard_of")]) == {}


def test_a_condition_may_name_several_values_and_all_conditions_must_hold() -> None:
    pounds_or_euros = plan(count(where={"currency": ["GBP", "EUR"], "guest": False}))
    orders = [order(), order(currency="EUR"), order(currency="USD"), order(guest=True)]
    assert add_up(pounds_or_euros, orders)[TOTAL].series == {"orders": 2}


def test_customers_are_counted_once_a_day_and_once_in_all() -> None:
    same_day = order(first_of_day=False, first_ever=False)
    next_day = order(day=1, first_of_day=True, first_ever=False)
    windows = add_up(plan(distinct()), [order(), same_day, next_day])
    assert {window: sums.series for window, sums in windows.items()} == {
        Window(0): {"customers": 1},
        Window(1): {"customers": 1},
        TOTAL: {"customers": 1},
    }


def test_a_kpi_is_counted_only_in_its_windows() -> None:
    assert set(add_up(plan(count(windows=["total"])), [order()])) == {TOTAL}
    assert set(add_up(plan(count(windows=["day"])), [order()])) == {Window(0)}


def test_dimensions_split_a_count() -> None:
    by_trigger = plan(count("triggers", facts=["trigger"], by=["trigger"]))
    sent = [fact("trigger", trigger="cart"), fact("trigger", trigger="cart"), fact("trigger")]
    assert add_up(by_trigger, sent)[TOTAL].series == {
        'triggers{"trigger":"cart"}': 2,
        'triggers{"trigger":"none"}': 1,
    }


@given(st.dictionaries(st.text(), st.text(), min_size=1))
def test_a_series_name_gives_its_dimensions_back_whatever_is_in_them(dimensions: dict[str, str]) -> None:
    assert split(sub_series("triggers", tuple(dimensions), dict(dimensions))) == ("triggers", dimensions)


@pytest.mark.parametrize("amount", [None, 1.5, "10"])
def test_an_amount_that_is_no_whole_number_stops_the_stage(amount: float | str | None) -> None:
    with pytest.raises(ValueError, match="revenue adds up amount"):
        add_up(plan(total_of()), [order(amount=amount)])
