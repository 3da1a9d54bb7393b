"""A worker knows of which partitions it has local copies that can be continued."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from streamproc.runtime.worker.local_copies import local_copies

LAYOUT: Any = SimpleNamespace(
    sources={"test.log": SimpleNamespace(name="log"), "test.raw": SimpleNamespace(name="raw")},
    partitions={"log": 4, "raw": 2},
)


def copy(folder: Path, name: str, *, age_seconds: float = 0.0) -> None:
    (folder / name).mkdir()
    written = time.time() - age_seconds
    for file, at in (("CURRENT", written - 3600), ("000004.log", written)):
        (folder / name / file).touch()
        os.utime(folder / name / file, (at, at))


def test_copies_that_are_there_and_not_too_old_are_found(tmp_path: Path) -> None:
    copy(tmp_path, "log-0")
    copy(tmp_path, "log-2", age_seconds=50)
    copy(tmp_path, "log-3", age_seconds=500)
    copy(tmp_path, "log-7")
    (tmp_path / "log-1").touch()
    assert local_copies(tmp_path, LAYOUT, 100.0) == {"test.log": [0, 2]}


def test_without_a_folder_there_is_none(tmp_path: Path) -> None:
    assert local_copies(tmp_path / "new", LAYOUT, 100.0) == {}
