"""Files that nobody would write in earnest: each is told in one sentence, with its place."""

import shutil
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.settings.load import load

ROOT = Path(__file__).parents[2]
NUMBERS = {
    "trigger.abandoned_cart.delay_minutes": ("triggers.toml", "delay_minutes = 60"),
    "policy.explore": ("offers.toml", "explore = 0.05"),
    "churn.ask_every_days": ("models.toml", "ask_every_days = 7"),
}
"""A number of each kind: its place, its file, and its line there."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed configuration that a test may spoil."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def complaints(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load(folder, ROOT / "topics")
    return [(Path(problem.file).name, problem.place, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e300", "-1e300", "1" + "0" * 400, "1" + "0" * 5_000])
@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_without_end_is_named_with_its_file(folder: Path, place: str, number: str) -> None:
    name, line = NUMBERS[place]
    text = (folder / name).read_text()
    assert line in text
    (folder / name).write_text(text.replace(line, line.split("=")[0] + "= " + number))
    assert name in {file for file, _, _ in complaints(folder)}
    if len(number) < 5_000:  # Python reads no longer ones
        assert place in {said for _, said, _ in complaints(folder)}


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000 + "]" * 20_000, ".".join("a" * 5_000) + " = 1"])
def test_a_file_that_is_nested_without_end_is_told_so(folder: Path, text: str) -> None:
    (folder / "policy.toml").write_text(text)
    [(file, place, message)] = complaints(folder)
    assert (file, place) == ("policy.toml", "")
    assert "more than 32 deep" in message


def test_a_list_of_topics_has_no_empty_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_COLLECT__TOPICS", " , ,")
    assert complaints(folder) == [("app.toml", "collect.topics", "needs 1 or more entries, has 0")]
