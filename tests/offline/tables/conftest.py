"""An import in a folder of its own."""

from pathlib import Path

import pytest

from tests.offline.tables.tables import Import


@pytest.fixture
def run(tmp_path: Path) -> Import:
    return Import(tmp_path)
