"""Online Retail as events: the sums over the events are the golden sums over the rows."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.events.adapters.native import parse
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded
from streamproc.events.raw import PurchaseEvents
from streamproc.events.times import epoch_ms
from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import ImportReport
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.online_retail import import_online_retail
from tests.real_orders import RealOrders

DATA = Path(__file__).parents[3] / "data"
MICROS = 1_000_000
COLUMNS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


@dataclass
class Totals:
    """What the golden files say of a day or of a customer, from events."""

    orders: int = 0
    revenue: int = 0
    net: int = 0
    customers: set[str] = field(default_factory=set)
    moments: list[str] = field(default_factory=list)

    def count(self, event: PurchaseEvents) -> None:
        if not isinstance(event, OrderPlaced):
            self.net -= event.amount or 0
            return
        self.net += event.amount
        if event.customer_id and event.amount:
            self.orders += 1
            self.revenue += event.amount
            self.customers.add(event.customer_id)
            self.moments.append(event.occurred_at.strftime("%Y-%m-%d %H:%M:%S"))


def events_of(dump: Path) -> list[PurchaseEvents]:
    events = [parse(record.value) for record in merge_dumps([dump])]
    return [event for event in events if isinstance(event, OrderPlaced | OrderCancelled | OrderRefunded)]


@pytest.fixture(scope="module")
def events(whole_year: tuple[Path, ImportReport]) -> list[PurchaseEvents]:
    return events_of(whole_year[0])


def by(key: Callable[[PurchaseEvents], str | None], events: Iterable[PurchaseEvents]) -> dict[str, Totals]:
    totals: dict[str, Totals] = defaultdict(Totals)
    for event in events:
        totals[key(event) or ""].count(event)
    return totals


def golden(name: str) -> list[dict[str, str]]:
    with (DATA / "golden" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def micros(amount: str) -> int:
    return int(Decimal(amount or "0") * MICROS)


def cents(amount_micros: int) -> Decimal:
    return (Decimal(amount_micros) / MICROS).quantize(Decimal("0.01"))


def invoice(rows: list[str], tmp_path: Path) -> PurchaseEvents:
    [event] = imported(rows, tmp_path)
    return event


def imported(rows: list[str], tmp_path: Path) -> list[PurchaseEvents]:
    source = tmp_path / "retail.csv"
    source.write_text("\n".join([COLUMNS, *rows, ""]), encoding="utf-8")
    import_online_retail(source, tmp_path / "out.jsonl", ignore_progress)
    return events_of(tmp_path / "out.jsonl")


def row(
    number: str = "536365", quantity: int = 6, price: str = "2.55", customer: str = "17850.0", minute: int = 26
) -> str:
    return f"{number},85123A,HEART,{quantity},2010-12-01 08:{minute:02}:00,{price},{customer},United Kingdom"


def test_every_row_is_a_line_of_exactly_one_event(
    whole_year: tuple[Path, ImportReport], events: list[PurchaseEvents]
) -> None:
    counted = {"order_placed": 20_726, "order_cancelled": 3_836, "order_refunded": 1_338}
    assert whole_year[1] == ImportReport(rows=541_909, in_events=541_909, events=Counter(counted))
    assert len(events) == whole_year[1].events.total() == 25_900 == len({event.event_id for event in events})
    assert sum(len(event.lines) for event in events) == 541_909


def test_the_lines_are_the_rows_to_the_last_micro(events: list[PurchaseEvents]) -> None:
    rows: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    with gzip.open(DATA / "online_retail.csv.gz", "rt", encoding="utf-8", newline="") as file:
        next(file)
        for number, sku, _, quantity, _, price, _, _ in csv.reader(file):
            rows[number].append((sku, abs(int(quantity)), abs(round(float(price) * 1000)) * 1000))
    assert {e.order_id: [(line.sku, line.quantity, line.unit_price) for line in e.lines] for e in events} == rows


def test_orders_customers_and_revenue_of_each_day_are_golden(events: list[PurchaseEvents]) -> None:
    totals = by(lambda event: event.occurred_at.date().isoformat(), events)
    expected = golden("online_retail_daily.csv")
    assert len(expected) == len(totals) == 305
    for day in expected:
        of_day = totals[day["day"]]
        assert of_day.orders == int(float(day["valid_orders"] or 0)), day
        assert len(of_day.customers) == int(float(day["valid_customers"] or 0)), day
        assert cents(of_day.revenue) == cents(micros(day["valid_revenue"])), day
        assert cents(of_day.net) == cents(micros(day["net_revenue_all_rows"])), day


def test_orders_revenue_and_recency_of_each_customer_are_golden(events: list[PurchaseEvents]) -> None:
    totals = by(lambda event: event.customer_id, events)
    expected = golden("online_retail_customers.csv")
    assert len(expected) == 4_338
    for customer in expected:
        own = totals[customer["CustomerID"].removesuffix(".0")]
        assert own.orders == int(customer["orders"]), customer
        assert cents(own.revenue) == cents(micros(customer["revenue"])), customer
        assert own.moments[0] == customer["first"], customer
        assert own.moments[-1] <= customer["last"], customer  # an order's second minute counts there


def test_the_totals_of_the_year_are_exact(events: list[PurchaseEvents]) -> None:
    year = Totals()
    for event in events:
        year.count(event)
    assert year.orders == 18_532
    assert len(year.customers) == 4_338
    assert year.revenue == 8_911_407_904_000
    assert cents(year.net) == Decimal("9747747.93")


def test_events_are_in_time_order_with_the_customer_or_the_order_as_key(whole_year: tuple[Path, ImportReport]) -> None:
    for record in merge_dumps([whole_year[0]]):  # the merge refuses what is not in time order
        event = parse(record.value)
        assert isinstance(event, OrderPlaced | OrderCancelled | OrderRefunded)
        assert record.topic == "shop.purchase.v1"
        assert record.key == (event.customer_id or event.order_id).encode()
        assert record.timestamp == epoch_ms(event.occurred_at)
        assert event.anonymous_id is None


def test_an_invoice_is_one_order_with_its_free_lines(tmp_path: Path) -> None:
    event = invoice([row(), row(price="0.0"), row(minute=27, price="0.001")], tmp_path)
    assert isinstance(event, OrderPlaced)
    assert event.event_id == "online-retail-536365"
    assert event.customer_id == "17850"
    assert event.occurred_at.isoformat() == "2010-12-01T08:26:00+00:00"
    assert [line.unit_price for line in event.lines] == [2_550_000, 0, 1_000]
    assert event.amount == 15_306_000


def test_an_invoice_without_a_customer_is_a_guests_order(tmp_path: Path) -> None:
    event = invoice([row(customer="")], tmp_path)
    assert isinstance(event, OrderPlaced)
    assert event.customer_id is None


def test_a_cancellation_gives_back_what_its_rows_say(tmp_path: Path) -> None:
    event = invoice([row("C536379", quantity=-2), row("C536379", quantity=-1, price="1.0")], tmp_path)
    assert isinstance(event, OrderCancelled)
    assert event.amount == 6_100_000
    assert [line.quantity for line in event.lines] == [2, 1]


def test_a_stock_adjustment_is_a_refund_of_nothing(tmp_path: Path) -> None:
    event = invoice([row(quantity=-10, price="0.0", customer="")], tmp_path)
    assert isinstance(event, OrderRefunded)
    assert event.amount == 0


def test_bad_debt_is_an_order_or_a_refund_by_its_sign(tmp_path: Path) -> None:
    debt = [row("A563185", 1, "11062.06", ""), row("A563186", 1, "-11062.06", "")]
    placed, refunded = imported(debt, tmp_path)
    assert isinstance(placed, OrderPlaced)
    assert isinstance(refunded, OrderRefunded)
    assert placed.amount == refunded.amount == 11_062_060_000


def test_an_invoice_whose_rows_stand_apart_is_one_event(tmp_path: Path) -> None:
    events = imported([row("1"), row("2"), row("1", minute=27)], tmp_path)
    assert [(event.order_id, len(event.lines)) for event in events] == [("1", 2), ("2", 1)]


@pytest.mark.slow
def test_only_the_days_asked_for_are_imported(real_orders: RealOrders, tmp_path: Path) -> None:
    out, begin = tmp_path / "out.jsonl", tmp_path / "begin.csv"
    with gzip.open(DATA / "online_retail.csv.gz", "rb") as file:
        begin.write_bytes(b"".join(islice(file, 20_000)))
    days = {"first_day": date(2010, 12, 2), "last_day": date(2010, 12, 3)}
    counts = import_online_retail(begin, out, ignore_progress, **days)
    assert sum(counts.left_out.values()) > 10_000
    assert counts.in_events == 2_109 + 2_202
    assert {event.occurred_at.date() for event in events_of(out)} == {date(2010, 12, 2), date(2010, 12, 3)}
    assert out.read_bytes() == real_orders.of_days(tmp_path / "taken.jsonl", **days).read_bytes()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["a,b"], "file: 2 columns instead of 8"),
        ([row(price="x")], "event.2.when: UnitPrice: 'x' is no number"),
        ([row(), row(customer="1.0")], "fields.customer_id: the rows of this order say different things"),
        ([row(quantity=0)], "lines.quantity: 0 pieces"),
    ],
)
def test_a_file_that_is_not_as_published_is_refused_with_the_place(
    tmp_path: Path, rows: list[str], reason: str
) -> None:
    with pytest.raises(TableError, match=r"out\.jsonl\.rejected\.csv; restore the file as published"):
        imported(rows, tmp_path)
    assert re.search(f'retail.csv,2,"?{reason}', (tmp_path / "out.jsonl.rejected.csv").read_text())


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="columns"):
        import_online_retail(tmp_path / "x.csv", tmp_path / "out", ignore_progress)
