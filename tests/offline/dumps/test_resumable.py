"""Dumps that are broken off and gone on with, in each of the formats."""

from pathlib import Path
from typing import Any

import pytest

from streamproc.offline.dumps import resumable
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.offline.dumps.resumable import ResumableDump, begun_dump

TASK: dict[str, Any] = {"topics": ["t"]}
NAMES = ("log.jsonl", "log.jsonl.gz", "log.parquet")


def record(number: int) -> DumpedRecord:
    headers = (("ce_id", b"%d" % number), ("raw", b"\xff"))
    return DumpedRecord("t", b"k", 1_000 + number, b'{"n":%d}' % number, number % 2, number, headers, "id")


@pytest.fixture(autouse=True)
def notes_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "NOTE_EVERY", 10)


def write(path: Path, first: int, last: int, *, complete: bool = True) -> None:
    reached = [first]
    with ResumableDump(path, TASK, lambda: [{"next": reached[0]}]) as dump:
        for number in range(first, last):
            reached[0] = number + 1
            dump.write(record(number))
        if complete:
            dump.complete()


@pytest.mark.parametrize("name", NAMES)
def test_a_dump_holds_every_record_with_its_place_and_headers(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, 0, 25)
    assert list(read_dump(tmp_path / name)) == [record(number) for number in range(25)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_a_dump_that_was_broken_off_goes_on_behind_what_is_on_the_disk(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(path, 0, 27, complete=False)
    assert not path.exists()
    begun = begun_dump(path, TASK)
    assert begun is not None
    assert (begun.records, begun.places) == (20, [{"next": 20}])
    with (tmp_path / f".{name}.unfinished").open("ab") as file:
        file.write(b"half a li")
    write(path, 20, 33)
    assert list(read_dump(path)) == [record(number) for number in range(33)]


def test_the_name_of_an_unfinished_dump_is_not_taken_by_another(tmp_path: Path) -> None:
    write(tmp_path / "log.jsonl", 0, 12, complete=False)
    with pytest.raises(DumpError, match=r"a dump of something else was begun; .* remove .*\.log\.jsonl\.note\.json"):
        begun_dump(tmp_path / "log.jsonl", {"topics": ["u"]})


def test_a_parquet_file_that_is_cut_off_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    write(path, 0, 25)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DumpError, match=r"log\.parquet: no dump, or one that is damaged"):
        list(read_dump(path))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_dump_goes_on_when_a_full_disk_has_room_again(almost_full: Path, name: str) -> None:
    path = almost_full / "dumps" / name
    with pytest.raises(OSError, match="No space left on device"):
        write(path, 0, 20_000)
    assert not path.exists()
    begun = begun_dump(path, TASK)
    (almost_full / "other-things").unlink()
    write(path, begun.records if begun else 0, 20_000)
    assert list(read_dump(path)) == [record(number) for number in range(20_000)]


def test_an_empty_dump_is_a_dump(tmp_path: Path) -> None:
    for name in NAMES:
        write(tmp_path / name, 0, 0)
        assert list(read_dump(tmp_path / name)) == []
