"""Each rule of the page that says what things mean names the test that shows it, and there is that test."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("semantics.md", "imports.md", "adapters.md")]
NAMED = re.compile(r"`(tests/[\w/.]+|test_\w+)`")
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
}


def rules() -> list[str]:
    """The rules of the page, but for those of a section whose first lines name the test of all of them."""
    sections = PAGES[0].read_text().split("\n## ")[1:]
    parts = [re.split(r"\n\* ", section) for section in sections]
    return [rule for heading, *own in parts for rule in own if not NAMED.search(heading)]


def test_every_rule_names_a_test() -> None:
    assert [rule for rule in rules() if not NAMED.search(rule)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = NAMED.findall(page.read_text())
    assert named
    assert [name for name in named if not (name in TESTS or ("/" in name and (ROOT / name).exists()))] == []
