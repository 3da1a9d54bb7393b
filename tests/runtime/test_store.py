"""One suite for both local stores, and what only files can go through."""

import subprocess
import sys
from pathlib import Path

import pytest

from streamproc.runtime.store import CopyPosition, MemoryStore, RocksMemory, RocksStore, StateStore

POSITION = CopyPosition("c0ffee", 17, 1000.0)
ROCKS = RocksMemory(1 << 20, 1 << 20)


@pytest.fixture(params=["memory", "rocksdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    return MemoryStore() if request.param == "memory" else RocksStore(tmp_path / "events-0", ROCKS)


def test_a_new_store_has_no_position(store: StateStore) -> None:
    assert store.position() is None
    assert list(store.items()) == []


def test_what_was_written_is_read(store: StateStore) -> None:
    store.write([(b"a", b"1"), (b"b", b"2")], POSITION)
    assert (store.get(b"a"), store.get(b"b"), store.get(b"c")) == (b"1", b"2", None)
    assert store.position() == POSITION


def test_none_removes_a_key(store: StateStore) -> None:
    store.write([(b"a", b"1"), (b"b", b"2")], POSITION)
    store.write([(b"a", None)], POSITION)
    assert sorted(store.items()) == [(b"b", b"2")]


def test_reserved_keys_are_read_but_not_listed(store: StateStore) -> None:
    store.write([(b"\x00source", b"mark"), (b"a", b"1")], POSITION)
    assert store.get(b"\x00source") == b"mark"
    assert list(store.items()) == [(b"a", b"1")]


def test_a_wiped_store_has_nothing(store: StateStore) -> None:
    store.write([(b"a", b"1")], POSITION)
    store.wipe()
    assert (store.position(), list(store.items())) == (None, [])


def test_a_store_is_there_again_after_a_restart(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "events-0", ROCKS)
    store.write([(b"a", b"1")], POSITION)
    store.close()
    again = RocksStore(tmp_path / "events-0", ROCKS)
    assert (again.get(b"a"), again.position()) == (b"1", POSITION)


def test_a_store_that_does_not_open_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "events-0"
    store = RocksStore(path, ROCKS)
    store.write([(b"a", b"1")], POSITION)
    store.close()
    (path / "CURRENT").write_text("nonsense")
    again = RocksStore(path, ROCKS)
    assert (again.position(), list(again.items())) == (None, [])
    assert (tmp_path / "events-0.set-aside" / "CURRENT").read_text() == "nonsense"


def test_a_store_that_was_marked_as_broken_is_set_aside(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "events-0", ROCKS)
    store.write([(b"a", b"1")], POSITION)
    store.close()
    (tmp_path / "events-0.broken").touch()
    again = RocksStore(tmp_path / "events-0", ROCKS)
    assert again.position() is None
    again.close()
    assert RocksStore(tmp_path / "events-0", ROCKS).position() is None
    assert not (tmp_path / "events-0.broken").exists()


def test_a_store_that_another_process_holds_is_begun_anew(tmp_path: Path) -> None:
    hold = (
        f"import rocksdict, sys; db = rocksdict.Rdict({str(tmp_path / 'events-0')!r}); print('held'); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-uc", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert RocksStore(tmp_path / "events-0", ROCKS).position() is None


def test_a_position_of_another_format_counts_for_nothing(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "events-0", ROCKS)
    later = b'{"format":2,"topic_id":"c0ffee","offset":17,"written_at":1000.0}'
    store.write([(b"a", b"1")], POSITION)
    store._db.put(b"\x00position", later)
    assert store.position() is None
