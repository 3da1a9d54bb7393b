"""Logs of offers, and how `streamproc ope` is asked about them."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.events.email import Clicked
from streamproc.events.topics import raw_topic
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.dumps.record import DumpedRecord
from tests.offline.backtest.shop import ROOT, START, dumped, some_orders

DATA = ROOT / "data"
RANDOM, BTS = DATA / "open_bandit_random_all.csv.gz", DATA / "open_bandit_bts_all.csv.gz"
FOLDERS = ["--config", str(ROOT / "config"), "--topics", str(ROOT / "topics")]
HEAD = "item_id,position,click,propensity_score"
OFFERS = "marketing.offers.v1"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*FOLDERS, "ope", *map(str, arguments)])


def open_bandit(log: Path, *arguments: object) -> Result:
    return call(log, "--format", "open-bandit", *arguments)


def replayed_orders(folder: Path) -> Path:
    dump = dumped(folder, some_orders(customers=40))
    result = CliRunner().invoke(main, [*FOLDERS, "replay", str(dump), "--out", str(folder / "out"), "--assume-consent"])
    assert result.exit_code == 0, result.output
    return folder / "out"


def clicked(customer: str, offer: str, at: datetime) -> DumpedRecord:
    value = {"event_id": f"click-{customer}", "type": "clicked", "occurred_at": at.isoformat(), "channel": "email",
             "customer_id": customer, "message_id": f"m-{customer}", "offer_id": offer}  # fmt: skip
    return DumpedRecord(
        raw_topic(Clicked), customer.encode(), round(at.timestamp() * 1_000), json.dumps(value).encode()
    )


def a_liked_offer(folder: Path, **logged: object) -> tuple[object, ...]:
    """A log in which one of two offers, each made at random, is always clicked: the command's arguments."""
    decided, clicks = [], []
    for number in range(400):
        liked = number % 2 == 0
        at, customer = START + timedelta(minutes=number), f"c{number}"
        offer = "new_arrivals" if liked else "free_shipping_next_order"
        mix = {"new_arrivals": 0.5, "free_shipping_next_order": 0.5}
        decision = {"offer_id": offer, "customer_id": customer, "propensity": 0.5, "candidates": mix} | logged
        value = json.dumps({**decision, "at": at.isoformat()}).encode()
        decided.append(DumpedRecord(OFFERS, customer.encode(), number, value))
        if liked:
            clicks.append(clicked(customer, offer, at + timedelta(hours=1)))
    write_dump(folder / "offers.jsonl", decided)
    write_dump(folder / "clicks.jsonl", [*clicks, clicked("last", "other", START + timedelta(days=3))])
    out = folder / "out"
    done = CliRunner().invoke(main, [*FOLDERS, "replay", str(folder / "clicks.jsonl"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return folder / "offers.jsonl", "--log", out / "shop.customer-events.v1.jsonl", "--reward-days", 1
