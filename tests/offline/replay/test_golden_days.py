"""Real orders through a replay of all stages give the golden numbers of each day."""

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.events.topics import KPIS_TOPIC
from streamproc.offline.replay.run import Options, replay
from streamproc.offline.replay.setup import setup_of
from streamproc.settings.load import load

CHECKOUT = Path(__file__).parents[3]
LAST_DAY = "2010-12-20"
"""The day after it is in the dump, too, so event time has passed it."""


@pytest.mark.slow
def test_three_weeks_of_real_orders_have_their_golden_totals_per_day(three_weeks: Path, tmp_path: Path) -> None:
    setup = setup_of(load(CHECKOUT / "config", CHECKOUT / "topics"), b"any")
    replay([three_weeks], setup, tmp_path / "out", Options())
    days: dict[tuple[str, str], Any] = {}
    for line in (tmp_path / "out" / f"{KPIS_TOPIC}.jsonl").read_bytes().splitlines():
        kpi = orjson.loads(line)["value"]
        if kpi["window"] == "day" and not kpi["dimensions"]:
            days[kpi["kpi"], kpi["start"][:10]] = kpi["value"]
    with (CHECKOUT / "data" / "golden" / "online_retail_daily.csv").open() as file:
        golden = [row for row in csv.DictReader(file) if row["day"] <= LAST_DAY]
    assert len(golden) == 17
    for row in golden:
        day = row["day"]
        assert days.get(("orders", day), 0) == int(row["valid_orders"]), day
        assert days.get(("customers", day), 0) == int(row["valid_customers"]), day
