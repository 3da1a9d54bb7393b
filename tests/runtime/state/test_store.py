"""One suite for both local stores, and what only files can go through."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamproc.runtime.state.store import CopyPosition, InMemoryStore, RocksMemory, RocksStore, StateStore, StoreError

POSITION = CopyPosition("c0ffee", 17, 1000.0)
ROCKS = RocksMemory(1 << 20, 1 << 20)


@pytest.fixture(params=["memory", "rocksdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    return InMemoryStore() if request.param == "memory" else RocksStore(tmp_path / "events-0", ROCKS)


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


def test_a_store_that_another_process_holds_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events-0"
    hold = f"import rocksdict, sys; db = rocksdict.Rdict({str(path)!r}); print('held'); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-uc", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match="LOCK"):
            RocksStore(path, ROCKS)
    assert [found.name for found in tmp_path.iterdir()] == ["events-0"]


def test_a_store_is_not_opened_twice_by_one_worker(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "events-0", ROCKS)
    store.write([(b"a", b"1")], POSITION)
    with pytest.raises(StoreError, match="lock hold by current process"):
        RocksStore(tmp_path / "events-0", ROCKS)
    store.write([(b"a", b"2")], POSITION)
    store.close()
    assert RocksStore(tmp_path / "events-0", ROCKS).get(b"a") == b"2"


def missing_manifest(path: Path) -> None:
    """A file of it cannot be read: that may be the disk, and the file may come back."""
    (path / "CURRENT").write_text("MANIFEST-000999\n")


def file_in_its_place(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("somebody's")


def nothing_but_a_link(path: Path) -> None:
    shutil.rmtree(path)
    path.symlink_to(path)


@pytest.mark.parametrize("damage", [missing_manifest, file_in_its_place, nothing_but_a_link])
def test_what_is_not_corrupt_is_left_alone(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "events-0"
    RocksStore(path, ROCKS).close()
    damage(path)
    for _ in range(2):
        with pytest.raises(StoreError, match=str(path)):
            RocksStore(path, ROCKS)
    assert [found.name for found in tmp_path.iterdir()] == ["events-0"]


def lost_table(path: Path) -> None:
    for table in path.glob("*.sst"):
        table.unlink()


def garbled_table(path: Path) -> None:
    for table in path.glob("*.sst"):
        table.write_bytes(bytes(table.stat().st_size))


def cut_manifest(path: Path) -> None:
    for manifest in path.glob("MANIFEST-*"):
        manifest.write_bytes(manifest.read_bytes()[:20])


@pytest.mark.parametrize("damage", [lost_table, garbled_table, cut_manifest])
def test_what_is_corrupt_is_set_aside(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "events-0"
    store = RocksStore(path, ROCKS)
    store.write([(b"a", b"1")], POSITION)
    store._db.flush()
    store.close()
    damage(path)
    assert RocksStore(path, ROCKS).position() is None
    assert (tmp_path / "events-0.set-aside").is_dir()


def test_a_position_of_another_format_counts_for_nothing(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "events-0", ROCKS)
    later = b'{"format":2,"topic_id":"c0ffee","offset":17,"written_at":1000.0}'
    store.write([(b"a", b"1")], POSITION)
    store._db.put(b"\x00position", later)
    assert store.position() is None
