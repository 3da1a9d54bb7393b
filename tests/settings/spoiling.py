"""Spoiling a copy of the configuration, and what is told of it."""

from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load

ROOT = Path(__file__).parents[2]


def loaded(folder: Path) -> Configuration:
    return load(folder, ROOT / "topics")


def replaced(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def complaints(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder)
    return [(Path(problem.file).name, problem.place, problem.message) for problem in caught.value.problems]


def places(folder: Path) -> list[tuple[str, str]]:
    return [(file, place) for file, place, _ in complaints(folder)]
