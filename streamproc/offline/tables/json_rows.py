"""JSON as a table: each object is a row, and what is in it a cell, by its path (`customer.id`).

One object a line, or an array of objects, on one line or on many. What is no JSON costs its own line and not those
behind it. Numbers are the text that stands in the file: an id of 64 bits is no fraction.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from streamproc.offline.tables.format import FileFormat
from streamproc.offline.tables.lines import TableError, lines_of
from streamproc.offline.tables.quoting import Cut

NO_OBJECT = "no JSON object"
MOST_COLUMNS = 2_000
MOST_LINES = 2_000
"""Of one object; without an end to look for, a brace that is not closed would take the whole file along."""

_BEGINS = re.compile(r"[\s\ufeff]*(?:\{|\[\s*(?:[{\]]|$))")
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)

Flat = dict[str, str]
"""What stands in an object, by its path."""


def is_json(path: Path, form: FileFormat) -> bool:
    """Whether the file begins as JSON does, and no table."""
    return any(map(_BEGINS.match, islice(filter(str.strip, lines_of(path, form)), 1)))


def json_columns(path: Path, form: FileFormat) -> tuple[str, ...]:
    """The paths of everything that stands in the objects of a file, in the order in which they come first.

    Raises:
        TableError: there is nothing, or there are far too many.
    """
    found: dict[str, None] = {}
    for _, said in _objects(lines_of(path, form)):
        found |= dict.fromkeys(said if isinstance(said, dict) else ())
        if len(found) > MOST_COLUMNS:
            raise TableError(f"{path}: the objects have more than {MOST_COLUMNS:,} different keys: they are no rows")
    if not found:
        raise TableError(f"{path}: there is no JSON object in it")
    return tuple(found)


def json_rows(path: Path, form: FileFormat, columns: Sequence[str]) -> Iterator[Cut]:
    """Each object as a row with these columns; a line of which none can be made is a row that is wrong."""
    for line, said in _objects(lines_of(path, form)):
        if isinstance(said, str):
            yield Cut(line, 1, [said], NO_OBJECT)
        else:
            yield Cut(line, 1, [said.get(column, "") for column in columns])


def flat_objects(text: str) -> list[Flat] | None:
    """The objects of a text, with nothing but brackets and commas between them; None if it holds anything else."""
    found, place = [], 0
    if _SURROGATE.search(text):
        return None
    while (place := _end_of(_BETWEEN, text, place)) < len(text):
        try:
            said, place = _JSON.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict):
            return None
        found.append(dict(_flat(said, "")))
    return found


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, Flat | str]]:
    """Each object with the line on which it begins; or the text of a line of which none can be made."""
    source, again = enumerate(lines, start=1), deque[tuple[int, str]]()
    while block := list(islice(_first(again, source), 1)):
        depth = _depth(block[0][1])
        for number, line in islice(_first(again, source), MOST_LINES if depth > 0 else 0):
            block.append((number, line))
            depth += _depth(line)
            if depth <= 0:
                break
        begun, text = block[0]
        found = flat_objects("".join(line for _, line in block))
        if found is None:
            again.extendleft(reversed(block[1:]))
            yield begun, text.strip()
        else:
            yield from ((begun, said) for said in found)


def _first(again: deque[tuple[int, str]], source: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines that were given back, then those of the file."""
    while again:
        yield again.popleft()
    yield from source


def _depth(line: str) -> int:
    """How many objects a line opens more than it closes."""
    bare = _STRING.sub("", line)
    return bare.count("{") - bare.count("}")


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return place if found is None else found.end()


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(part, f"{path}.{key}" if path else key)
        case str():
            yield path, value.encode(errors="backslashreplace").decode()
        case bool() | list():
            yield path, json.dumps(value)
        case _:
            yield path, ""
