"""The states at the end of a replay: `state.jsonl`, one line per key, with the bytes that a changelog would hold."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import orjson

from streamproc.offline.dumps.lines import content, text_or_base64
from streamproc.offline.replay.setup import ReplayError

State = tuple[str, int, bytes, bytes]
"""Changelog topic, partition, key and bytes."""


def write_states(path: Path, states: Iterable[State]) -> None:
    """Write states in their order."""
    with path.open("wb") as file:
        for topic, partition, key, value in states:
            line = {"topic": topic, "partition": partition} | text_or_base64("key", key)
            line["state_base64"] = b64encode(value).decode()
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def all_states(path: Path) -> Iterator[State]:
    """The states of a file, one in memory at a time.

    Raises:
        ReplayError: a line is no state.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                fields = orjson.loads(line)
                key, value = content(fields, "key"), b64decode(fields["state_base64"], validate=True)
                yield fields["topic"], fields["partition"], key or b"", value
            except (ValueError, KeyError, TypeError) as error:
                raise ReplayError(
                    f"{path}:{number}: no state ({error}); give the state.jsonl that a replay has written"
                ) from error


def read_states(path: Path, partitions: Collection[int]) -> Mapping[int, Mapping[str, Mapping[bytes, bytes]]]:
    """The states of these partitions: partition, changelog topic, key.

    Raises:
        ReplayError: a line is no state.
    """
    found: dict[int, dict[str, dict[bytes, bytes]]] = {number: {} for number in partitions}
    for topic, partition, key, value in all_states(path):
        if partition in found:
            found[partition].setdefault(topic, {})[key] = value
    return found
