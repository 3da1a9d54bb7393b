"""A day is the shop's: what counts by days counts from midnight to midnight of its time zone."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.events.calendar import beginning, day_of, on_the_wall
from streamproc.events.shop import Shop as Counting
from streamproc.events.times import DAY_MS, HOUR_MS, MINUTE_MS, parse_rfc3339
from streamproc.measure.merge import due
from streamproc.measure.plan import KpiPlan
from streamproc.measure.sums import add_up
from streamproc.measure.windows import TOTAL, Window
from streamproc.settings.app import ShopSettings
from tests.builders import Shop, at_ms, facts_of, order, plan, view
from tests.measure.kpi_blocks import count, registry
from tests.measure.kpi_blocks import order as ordered

BERLIN = Counting("EUR", "Europe/Berlin")
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Asia/Tokyo"])
moments = st.integers(parse_rfc3339("2000-01-01T00:00:00Z"), parse_rfc3339("2040-01-01T00:00:00Z"))


@given(moments, zones)
def test_a_day_goes_from_its_beginning_to_that_of_the_next(moment: int, zone: str) -> None:
    day = day_of(moment, zone)
    assert parse_rfc3339(beginning(day, zone)) <= moment < parse_rfc3339(beginning(day + 1, zone))


@given(moments, zones)
def test_the_wall_clock_is_at_most_14_hours_from_utc(moment: int, zone: str) -> None:
    assert abs(on_the_wall(moment, zone) - moment) <= 14 * HOUR_MS


def test_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    begins = [parse_rfc3339(f"2024-{month}-{day}T00:00:00{offset}") for month, day, offset in [
        ("03", "31", "+01:00"), ("04", "01", "+02:00"), ("10", "27", "+02:00"), ("10", "28", "+01:00"),
    ]]  # fmt: skip
    assert [day_of(moment, "Europe/Berlin") - day_of(moment - 1, "Europe/Berlin") for moment in begins] == [1] * 4
    assert [(later - earlier) // HOUR_MS for earlier, later in list(pairwise(begins))[::2]] == [23, 25]


def test_what_happens_late_in_the_evening_of_utc_is_of_the_shop_s_next_day() -> None:
    shop = Shop(replace(plan(), shop=BERLIN))
    late = {"hours": 11}  # 23:00 in UTC, 01:00 in Berlin
    outcomes = shop.sees(order(**late), order(hours=20), view(hours=9))
    told = [(fact.fact, fact.values["first_of_day"]) for fact in facts_of(outcomes) if "first_of_day" in fact.values]
    assert told == [("order", True), ("visit", True), ("order", False), ("visit", True)]
    assert list(shop.ada.days) == [at_ms() // DAY_MS, at_ms() // DAY_MS + 1]


def test_kpis_count_by_the_shop_s_days_and_close_at_its_midnight() -> None:

    counting = KpiPlan.of(registry(count()), "Europe/Berlin")
    assert set(add_up(counting, [ordered(day=3, hour=22), ordered(day=3, hour=23)])) == {Window(3), Window(4), TOTAL}
    midnight = 4 * DAY_MS - HOUR_MS
    assert due({Window(3)}, None, midnight - MINUTE_MS, "Europe/Berlin") == []
    assert due({Window(3)}, None, midnight, "Europe/Berlin") == [Window(3)]


def test_another_time_zone_is_another_definition() -> None:

    in_utc, in_berlin = (KpiPlan.of(registry(count()), zone).definitions for zone in ("UTC", "Europe/Berlin"))
    assert in_utc != in_berlin


def test_a_time_zone_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="write for example UTC or Europe/Berlin"):
        ShopSettings(time_zone="Europe/Atlantis")
