"""The shop's configuration to be spoiled, and nothing of the machine's environment."""

import os
import shutil
from pathlib import Path

import pytest

from tests.settings.spoiling import ROOT


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says is not what is tested."""
    for name in list(os.environ):
        if name.startswith("STREAMPROC_"):
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed configuration that a test may spoil."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("reference")))
