"""The year of Online Retail as a dump: imported once for all processes of a run of tests, and its days taken from that.

The import reads half a million rows also for a few days of them: about 40 s of CPU each time.
"""

import fcntl
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from streamproc.events.times import from_epoch_ms
from streamproc.offline.dumps.files import ignore_progress, read_dump, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.tables.importing import ImportReport
from streamproc.offline.tables.online_retail import import_online_retail
from streamproc.offline.tables.outcome import Days

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class RealOrders:
    """What the import of the whole year made: the dump, and what it counted."""

    dump: Path
    report: ImportReport

    def of_days(self, out: Path, first_day: date = date.min, last_day: date = date.max) -> Path:
        """The dump that an import of these days alone makes (`tests/offline/tables/test_online_retail.py` holds it)."""
        days = Days(first_day, last_day)
        write_dump(out, (record for record in read_dump(self.dump) if day_of(record) in days))
        return out


def day_of(record: DumpedRecord) -> date:
    return from_epoch_ms(record.timestamp).date()


def real_orders_in(folder: Path) -> RealOrders:
    """Those of the run of tests whose processes share the folder; whoever asks first makes them."""
    dump, report = folder / "online-retail.jsonl", folder / "online-retail.report"
    with alone_in(folder):
        if not report.exists():
            counted = import_online_retail(DATA / "online_retail.csv.gz", dump, ignore_progress)
            report.write_bytes(pickle.dumps(counted))
    return RealOrders(dump, pickle.loads(report.read_bytes()))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No other process of this run is meanwhile where this one is."""
    with (folder / "online-retail.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
