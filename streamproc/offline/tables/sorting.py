"""Sorting more than fits into memory: a temporary SQLite table, which is gone when the process is."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

_BATCH = 10_000


class SortedOnDisk:
    """Things with a key and a number; they come back in the order (key, number)."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE thing (key, number INTEGER, content TEXT)")
        self._waiting: list[tuple[str | int, int, str]] = []

    def add(self, key: str | int, number: int, content: Any) -> None:
        """Keep something made of plain values; texts may hold bytes that are no text (`surrogateescape`)."""
        self._waiting.append((key, number, _written(content)))
        if len(self._waiting) >= _BATCH:
            self._write()

    def __iter__(self) -> Iterator[tuple[str | int, int, Any]]:
        self._write()
        found = self._database.execute("SELECT key, number, content FROM thing ORDER BY key, number")
        for key, number, content in found:
            yield key, number, _read(content)

    def close(self) -> None:
        """Give the disk space back."""
        self._database.close()

    def _write(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO thing VALUES (?, ?, ?)", self._waiting)
        self._database.execute("COMMIT")
        self._waiting.clear()


def _written(content: Any) -> str:
    try:
        return orjson.dumps(content, default=tuple).decode()  # named tuples
    except orjson.JSONEncodeError:  # bytes that are no text
        return json.dumps(content, separators=(",", ":"))


def _read(content: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content)
