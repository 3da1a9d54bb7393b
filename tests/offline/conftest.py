"""Real orders for the tests of offline/: the whole file, and its first days for what is slow."""

from datetime import date
from pathlib import Path

import pytest

from streamproc.offline.tables.importing import ImportReport
from tests.real_orders import RealOrders


@pytest.fixture(scope="session")
def whole_year(real_orders: RealOrders) -> tuple[Path, ImportReport]:
    """The dump of all invoices, and what the import counted."""
    return real_orders.dump, real_orders.report


@pytest.fixture(scope="session")
def three_weeks(real_orders: RealOrders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dump of the invoices from 1 to 21 December 2010."""
    return real_orders.of_days(tmp_path_factory.mktemp("three-weeks") / "purchases.jsonl", last_day=date(2010, 12, 21))
