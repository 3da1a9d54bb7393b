"""The Complete Journey: its mapping loses no row and no cent."""

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from streamproc.events.adapters.native import parse
from streamproc.events.purchase import OrderPlaced
from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import SHIPPED, ImportReport, import_tables, read_mapping

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    table, out = DATA / "completejourney_transactions_sample.csv.gz", tmp_path_factory.mktemp("cj") / "cj.jsonl"
    return out, import_tables(read_mapping(SHIPPED / "complete-journey.toml", [table]), [table], out, ignore_progress)


def test_the_complete_journey_loses_no_row(journey: tuple[Path, ImportReport]) -> None:
    report = journey[1]
    assert report.rows == 75_000
    assert report.in_events == 74_584
    assert report.events == {"order_placed": 47_034}
    assert report.left_out == {"nothing was sold (quantity 0)": 415}
    assert report.bad == {"fields.order_id": 1}


def test_the_complete_journey_s_sales_are_exact_per_household(journey: tuple[Path, ImportReport]) -> None:
    expected: Counter[str] = Counter()
    with gzip.open(DATA / "completejourney_transactions_sample.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if Decimal(row["quantity"]) > 0:
                expected[row["household_id"]] += int(Decimal(row["sales_value"]) * 1_000_000)
    sold: Counter[str] = Counter()
    for record in merge_dumps([journey[0]]):
        event = parse(record.value)
        assert isinstance(event, OrderPlaced)
        sold[event.customer_id or ""] += event.amount
    assert sold == expected
