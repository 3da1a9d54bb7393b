"""The outputs of a replay as files: one line per record, in the order of each partition."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import IO, Any

import orjson

from streamproc.events.topics import KPIS_TOPIC, PARTIALS_TOPIC, is_dead_letters
from streamproc.offline.dumps.lines import content, content_of, headers_of, plain_headers, text_or_base64
from streamproc.processor.api import OutputRecord

SUFFIX = ".jsonl"
BUFFER_BYTES = 1 << 17
_OBJECT = b',"value":{'
"""In a line in front of a value that is an object. It stands in no text, where quotes are written otherwise."""


def encode_output(emitted: OutputRecord) -> bytes:
    """A record as its line: partition, key, headers (if it has any) and value, as in a dump."""
    line: dict[str, Any] = {"partition": emitted.partition} | text_or_base64("key", emitted.key)
    if emitted.headers:
        line["headers"] = plain_headers(emitted.headers)
    line |= _value_of(emitted)
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _value_of(emitted: OutputRecord) -> dict[str, Any]:
    value = emitted.value
    if value is not None and value.startswith(b"{") and _is_from_orjson(emitted.topic):
        return {"value": orjson.Fragment(value)}
    return content_of(value)


@cache
def _is_from_orjson(topic: str) -> bool:
    """Whether all values of a topic are written by orjson, which writes what it has read of them alike.

    It does not know sums beyond 64 bits, and a dead letter holds what somebody else has written.
    """
    return topic not in (PARTIALS_TOPIC, KPIS_TOPIC) and not is_dead_letters(topic)


def message_of(line: bytes) -> bytes:
    """The value of a line, as `encode_output` has put it there."""
    at = line.find(_OBJECT)
    if at < 0:
        return content(orjson.loads(line), "value") or b""
    return line[at + len(_OBJECT) - 1 : -len(b"}\n")]


def read_outputs(path: Path, topic: str, holding: bytes = b"") -> Iterator[OutputRecord]:
    """The records of a file whose lines hold a text, in its order; none if there is no file."""
    for line in lines_of(path):
        if holding in line:
            fields = orjson.loads(line)
            key, value = content(fields, "key"), content(fields, "value")
            yield OutputRecord(topic, key, value, fields["partition"], headers_of(fields))


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file; none if there is no file."""
    if path.exists():
        with path.open("rb", BUFFER_BYTES) as file:
            yield from file


def part_file(folder: Path, topic: str, partition: int) -> Path:
    """Where a log partition's records of a topic are put until all are together."""
    return folder / f"{topic}.{partition}{SUFFIX}"


class PartFiles:
    """Writes what log partitions give, into a file for each topic and log partition."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[tuple[str, int], IO[bytes]] = {}
        self._open = ExitStack()

    def write(self, partition: int, emitted: Iterable[OutputRecord]) -> None:
        """Append what a log partition gave."""
        for each in emitted:
            file = self._files.get((each.topic, partition))
            if file is None:
                path = part_file(self._folder, each.topic, partition)
                opened = self._open.enter_context(path.open("wb", BUFFER_BYTES))
                file = self._files[each.topic, partition] = opened
            file.write(encode_output(each))

    def close(self) -> None:
        """Everything is written."""
        self._open.close()
