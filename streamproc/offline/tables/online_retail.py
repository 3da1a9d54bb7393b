"""Real purchases: the data set Online Retail (`data/README.md`), imported by its mapping, which must fit it fully.

One invoice is one event, and every row of the file is a line of exactly one event, so that sums over the events are
sums over the rows, to the last micro.
"""

from datetime import date
from pathlib import Path

from streamproc.offline.dumps.files import OnProgress
from streamproc.offline.tables.importing import SHIPPED, ImportReport, import_tables, read_mapping
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.outcome import Days

MAPPING = SHIPPED / "online-retail.toml"


def import_online_retail(
    csv_path: Path,
    out_path: Path,
    on_progress: OnProgress,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
) -> ImportReport:
    """Write the invoices of `first_day` to `last_day` (both included; None: all) as a dump, in time order.

    Raises:
        TableError: a row does not fit, so this is not the file as published; the bad rows are beside the dump.
        ConfigError: the file has other columns.
    """
    days = None if first_day is None and last_day is None else Days(first_day or date.min, last_day or date.max)
    report = import_tables(read_mapping(MAPPING, [csv_path]), [csv_path], out_path, on_progress, days)
    if report.bad:
        raise TableError(f"{csv_path}: see {report.rejects[0]}; restore the file as published (data/README.md)")
    return report
