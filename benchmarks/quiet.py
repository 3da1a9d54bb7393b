"""The benchmark `quiet`: customers who mostly wait, replayed from their log; what a week of waiting costs.

The shop is made up, in the shape of the music shops of the literature on buying: customers come within the first
twelve weeks, each buys at a rate of his own, and for most that is once or twice in a year and a half.
"""

import resource
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

from benchmarks.result import Goal, Result, Table
from streamproc.events.times import DAY_MS, rfc3339
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.dumps.record import DumpedRecord

WHOLE = 23_570
"""So many customers the goal is about: some 70,000 orders, and 1.3 million questions."""
SHARE = 10
"""The benchmark has every tenth of them; almost all of its cost grows with the customers."""
WEEKS, JOINING_WEEKS = 78, 12
SHAPE, ORDERS_A_WEEK = 0.5, 0.027
START_MS = 1_735_689_600_000
GOAL_SECONDS = 60.0


def run() -> Result:
    """Replay from raw, then from the log of that, and measure the second."""
    with tempfile.TemporaryDirectory() as folder:
        raw, first, second = Path(folder, "raw.jsonl"), Path(folder, "first"), Path(folder, "second")
        orders = write_dump(raw, shop(WHOLE // SHARE))
        _replay(raw, first)
        seconds = _replay(first / "shop.customer-events.v1.jsonl", second)
        questions = _lines(second / "marketing.scores.v1.jsonl")
    whole = seconds * SHARE
    return Result(
        "quiet",
        f"{WHOLE // SHARE:,} customers over {WEEKS} weeks, replayed from their log in one process",
        {"orders": orders, "questions asked": questions},
        [
            Table(
                "CPU of the whole process, user",
                ("seconds", "us for a question", f"seconds for {WHOLE:,} customers"),
                [(round(seconds, 1), round(seconds / max(1, questions) * 1e6), round(whole))],
            )
        ],
        [Goal(f"{WHOLE:,} customers", f"<= {GOAL_SECONDS:.0f} s", f"{whole:.0f} s", whole <= GOAL_SECONDS)],
    )


def shop(customers: int, seed: int = 3) -> Iterator[DumpedRecord]:
    """The orders, in time order."""
    dice = Random(seed)
    moments = []
    for number in range(customers):
        at, end = dice.uniform(0, JOINING_WEEKS), float(WEEKS)
        rate = dice.gammavariate(SHAPE, ORDERS_A_WEEK / SHAPE)
        while at < end:
            moments.append((START_MS + round(at * 7 * DAY_MS), f"c{number:06d}"))
            at += dice.expovariate(rate) if rate > 0 else end
    for number, (at_ms, customer) in enumerate(sorted(moments)):
        line = {
            "sku": f"cd-{dice.randrange(3_000):04d}",
            "quantity": dice.choice((1, 1, 1, 2)),
            "unit_price": dice.randrange(8, 30) * 1_000_000,
        }
        event = {
            "event_id": f"quiet-{number}", "type": "order_placed", "occurred_at": rfc3339(at_ms),
            "customer_id": customer, "order_id": f"o{number}", "currency": "EUR", "lines": [line],
        }  # fmt: skip
        yield DumpedRecord("shop.purchase.v1", customer.encode(), at_ms, orjson.dumps(event))


def _replay(dump: Path, out: Path) -> float:
    """CPU seconds of the user."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-m", "streamproc", "replay", str(dump), "--out", str(out), "--assume-consent"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
