"""A real year through the whole live system gives the golden numbers exactly, also with decide killed in the middle."""

import asyncio
import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streamproc.customer.codec import VERSION, decode
from streamproc.customer.state import Customer
from streamproc.decide.states import is_own
from streamproc.events.subject import Subject
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.runtime.client.reading import read_to_end
from tests.real_orders import RealOrders
from tests.system.living_system import CHECKOUT, LivingSystem, StartedFromNothing

DATA = CHECKOUT / "data"
MICROS = 1_000_000
FIRST_DAY = date(2010, 12, 1)


def golden_days() -> dict[str, dict[str, str]]:
    with (DATA / "golden" / "online_retail_daily.csv").open() as file:
        return {row["day"]: row for row in csv.DictReader(file)}


def newest(kpis: list[dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """The newest revision of each day of a KPI, by day."""
    found: dict[str, dict[str, Any]] = {}
    for kpi in kpis:
        if kpi["kpi"] == name and kpi["window"] == "day" and not kpi["dimensions"]:
            found[kpi["start"][:10]] = kpi
    return found


def newest_total(kpis: list[dict[str, Any]], name: str) -> Any:
    return [kpi["value"] for kpi in kpis if kpi["kpi"] == name and kpi["window"] == "total"][-1]


def is_closed(day: str) -> Any:
    def condition(kpis: list[dict[str, Any]]) -> bool:
        last = kpis[-1]
        return bool(last["window"] == "day" and last["status"] == "closed" and last["start"][:10] >= day)

    return condition


def check_days(kpis: list[dict[str, Any]], last_day: str) -> int:
    """Every golden day up to the last one, exactly; money to the golden file's rounding per day."""
    orders, customers, revenue, net = (newest(kpis, n) for n in ("orders", "customers", "revenue", "net_revenue"))
    checked = 0
    for day, row in golden_days().items():
        if day > last_day:
            continue
        got = orders[day]["value"], customers[day]["value"]
        assert got == (int(row["valid_orders"]), int(row["valid_customers"])), day
        for kpi, column in ((revenue, "valid_revenue"), (net, "net_revenue_all_rows")):
            assert abs(Decimal(kpi[day]["value"]) / MICROS - Decimal(row[column])) < Decimal("0.01"), (day, column)
        checked += 1
    return checked


async def customers_of(system: LivingSystem) -> dict[str, Customer]:
    """The newest state of every identified customer in decide's changelog."""
    states: dict[bytes, bytes | None] = {}
    async for record in read_to_end(system.client, system.prefix + "streamproc.decide-state.v1"):
        if record.key is not None:
            states[record.key] = record.value
    decoded = [decode(raw) for key, raw in states.items() if raw and not is_own(key) and raw[0] == VERSION]
    return {Subject.of_key(customer.key).id: customer for customer in decoded if customer.is_identified}


async def run_days(
    kafka: Any, real_orders: RealOrders, tmp_path: Path, last_day: date, kill_after: int
) -> tuple[list[dict[str, Any]], dict[str, Customer]]:
    dump = real_orders.of_days(tmp_path / "orders.jsonl.gz", FIRST_DAY, last_day)
    async with StartedFromNothing(kafka.bootstrap, tmp_path / "state") as system:

        def records() -> Iterator[DumpedRecord]:
            for number, record in enumerate(read_dump(dump)):
                yield record
                if number == kill_after:
                    system.kill("decide")

        sending = asyncio.create_task(system.send(records(), timedelta(days=2)))
        await system.until("marketing.kpis.v1", is_closed(last_day.isoformat()), seconds=600)
        await sending
        # all events are added up before event time has come to the last day
        done = both(are_closed(last_day.isoformat()), totals_are(golden_totals(last_day)))
        kpis = await system.until("marketing.kpis.v1", done)
        return kpis, {key: known for key, known in (await customers_of(system)).items() if known.orders}


def are_closed(day: str) -> Any:
    """Whether each of the KPIs that are compared has been closed for a day."""
    closed: set[str] = set()

    def condition(seen: list[dict[str, Any]]) -> bool:
        last = seen[-1]
        if last["window"] == "day" and last["status"] == "closed" and last["start"][:10] == day:
            closed.add(last["kpi"])
        return {"orders", "customers", "revenue", "net_revenue"} <= closed

    return condition


def both(one: Any, other: Any) -> Any:
    """Whether both conditions are fulfilled; the first has seen all of it."""
    return lambda seen: one(seen) and other(seen)


def golden_totals(last_day: date) -> dict[str, float]:
    """Orders and customers up to a day, by the golden files; for the whole year the other totals too."""
    day = last_day.isoformat()
    with (DATA / "golden" / "online_retail_customers.csv").open() as file:
        customers = sum(row["first"][:10] <= day for row in csv.DictReader(file))
    orders = sum(int(row["valid_orders"]) for known, row in golden_days().items() if known <= day)
    of_the_year = {"revenue": 8_911_407_904_000, "repeat_rate": 2845 / 4338}
    return {"orders": orders, "customers": customers, **(of_the_year if day >= "2011-12-09" else {})}


def totals_are(expected: dict[str, float]) -> Any:
    """Whether the newest totals are these; they follow the days one by one."""

    def condition(seen: list[dict[str, Any]]) -> bool:
        totals = {kpi["kpi"]: kpi["value"] for kpi in seen if kpi["window"] == "total" and not kpi["dimensions"]}
        return expected.items() <= totals.items()

    return condition


@pytest.mark.kafka
def test_a_quarter_of_the_year_is_exact_with_decide_killed_in_the_middle(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    asyncio.run(a_quarter_of_the_year_is_exact_with_decide_killed_in_the_middle(kafka, real_orders, tmp_path))


async def a_quarter_of_the_year_is_exact_with_decide_killed_in_the_middle(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    last_day = date(2011, 2, 28)
    kpis, customers = await run_days(kafka, real_orders, tmp_path, last_day, kill_after=2500)
    expected = [row for day, row in golden_days().items() if day <= last_day.isoformat()]
    assert check_days(kpis, last_day.isoformat()) == len(expected)
    assert newest_total(kpis, "orders") == sum(int(row["valid_orders"]) for row in expected)
    assert sum(customer.orders for customer in customers.values()) == newest_total(kpis, "orders")


@pytest.mark.kafka
@pytest.mark.faults
def test_the_whole_year_is_exact_with_decide_killed_in_the_middle(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    asyncio.run(the_whole_year_is_exact_with_decide_killed_in_the_middle(kafka, real_orders, tmp_path))


async def the_whole_year_is_exact_with_decide_killed_in_the_middle(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    kpis, customers = await run_days(kafka, real_orders, tmp_path, date(2011, 12, 9), kill_after=13_000)
    assert check_days(kpis, "2011-12-09") == 305
    assert newest_total(kpis, "orders") == 18_532
    assert newest_total(kpis, "customers") == 4_338
    assert newest_total(kpis, "revenue") == 8_911_407_904_000
    assert round(newest_total(kpis, "aov") / MICROS, 2) == 480.87
    assert round(newest_total(kpis, "repeat_rate"), 4) == 0.6558
    with (DATA / "golden" / "online_retail_customers.csv").open() as file:
        golden = {row["CustomerID"].removesuffix(".0"): row for row in csv.DictReader(file)}
    assert customers.keys() == golden.keys()
    for key, row in golden.items():
        assert customers[key].orders == int(row["orders"]), key
        assert abs(Decimal(customers[key].revenue_micros) / MICROS - Decimal(row["revenue"])) < Decimal("0.01"), key
