"""A file is whole or not there, whatever happens while it is written."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from streamproc.whole_file import left_aside, write_whole, written_aside


def test_a_file_is_there_with_all_that_was_written_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_until_the_end_the_old_file_is_there_and_after_an_error_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    write_whole(path, b"old")
    with suppress(ZeroDivisionError), written_aside(path) as aside:
        aside.write_bytes(b"half a")
        assert path.read_bytes() == b"old"
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_that_write_the_same_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    with written_aside(path) as one, written_aside(path) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert path.read_bytes() == b"one"


def test_what_a_killed_process_leaves_is_known_by_its_name(tmp_path: Path) -> None:
    with written_aside(tmp_path / "note.json") as aside:
        aside.touch()
        assert aside.match(left_aside("note.json"))
        assert not aside.match(left_aside("other.json"))


def test_the_content_is_on_the_disk_before_the_name_and_then_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, steps = tmp_path / "note.json", list[str]()

    def fsync(descriptor: int) -> None:
        what = "folder" if Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path else "content"
        steps.append(f"{what}, named: {path.exists()}")

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(path, b"new")
    assert steps == ["content, named: False", "folder, named: True"]
