"""The page that names every function on the way of an event names only such that there are."""

import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "way-of-an-event.md"
NAMED = re.findall(r"^\| `([a-z_.]+):([A-Za-z_.]+)` \|", PAGE.read_text(), re.MULTILINE)
ROWS = re.findall(r"^\| (?!where|---)", PAGE.read_text(), re.MULTILINE)


def test_every_row_names_a_function() -> None:
    assert len(NAMED) == len(ROWS) > 40


@pytest.mark.parametrize(("module", "name"), NAMED)
def test_what_is_named_is_there(module: str, name: str) -> None:
    assert callable(attrgetter(name)(import_module(f"streamproc.{module}")))
