"""The outputs of a replay as files: one line per record, in the order of each partition."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import orjson

from streamproc.offline.dumps.lines import content, content_of, headers_of, plain_headers, text_or_base64
from streamproc.processor.api import OutputRecord

SUFFIX = ".jsonl"


def encode_output(emitted: OutputRecord) -> bytes:
    """A record as its line: partition, key, headers (if it has any) and value, as in a dump."""
    line: dict[str, Any] = {"partition": emitted.partition} | text_or_base64("key", emitted.key)
    if emitted.headers:
        line["headers"] = plain_headers(emitted.headers)
    return orjson.dumps(line | content_of(emitted.value), option=orjson.OPT_APPEND_NEWLINE)


def read_outputs(path: Path, topic: str) -> Iterator[OutputRecord]:
    """The records of a file, in its order; none if there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            fields = orjson.loads(line)
            key, value = content(fields, "key"), content(fields, "value")
            yield OutputRecord(topic, key, value, fields["partition"], headers_of(fields))


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
                file = self._files[each.topic, partition] = self._open.enter_context(path.open("wb"))
            file.write(encode_output(each))

    def close(self) -> None:
        """Everything is written."""
        self._open.close()
