"""Real orders for the tests of offline/: the whole file once a session, and its first days for what is slow."""

from datetime import date
from pathlib import Path

import pytest

from streamproc.offline.dumps.files import ignore_progress
from streamproc.offline.tables.importing import ImportReport
from streamproc.offline.tables.online_retail import import_online_retail

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def whole_year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """The dump of all invoices, and what the import counted."""
    out = tmp_path_factory.mktemp("online-retail") / "purchases.jsonl"
    return out, import_online_retail(DATA / "online_retail.csv.gz", out, ignore_progress)


@pytest.fixture(scope="session")
def three_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dump of the invoices from 1 to 21 December 2010."""
    out = tmp_path_factory.mktemp("three-weeks") / "purchases.jsonl"
    import_online_retail(DATA / "online_retail.csv.gz", out, ignore_progress, last_day=date(2010, 12, 21))
    return out
