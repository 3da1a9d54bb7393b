"""What the adapters' examples are, and what an adapter says of a message."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from streamproc.events.adapters import ADAPTERS, NATIVE
from streamproc.events.adapters.reading import MAX_MESSAGE_BYTES, Said
from streamproc.events.json_text import as_written
from streamproc.events.raw import FAMILIES
from streamproc.events.rejected import Rejected

EXAMPLES = Path(__file__).parents[3] / "topics" / "examples"
FOREIGN = sorted(set(ADAPTERS) - {NATIVE})
FILES = sorted(path for name in FOREIGN for path in (EXAMPLES / name).glob("*.json"))
ANY = frozenset(FAMILIES)
Json = Any


def example(name: str) -> Json:
    """The message of `topics/examples/<name>.json`."""
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def written(message: Json) -> bytes:
    return message if isinstance(message, bytes) else json.dumps(message).encode()


def told(adapter: str, message: Json) -> list[Any]:
    """The events, and what is ignored or rejected."""
    return list(ADAPTERS[adapter](written(message), (), ANY))


def says(adapter: str, message: Json) -> list[Any]:
    """What the message says in our format, before it is read: without what is none."""
    tree = as_written(written(message), MAX_MESSAGE_BYTES)
    assert not isinstance(tree, Rejected)
    said: Iterator[Said] = import_module(ADAPTERS[adapter].__module__).says(tree)
    return [{name: value for name, value in each.items() if value is not None} if isinstance(each, dict) else each
            for each in said]  # fmt: skip


def replaced(tree: Json, **values: Json) -> Json:
    """The message with other values at paths of keys that `__` joins; `...` takes one away."""
    changed = json.loads(json.dumps(tree))
    for path, value in values.items():
        *way, last = path.split("__")
        place = changed
        for key in way:
            place = place[int(key) if key.isdigit() else key]
        if value is ...:
            place.pop(last, None)
        else:
            place[last] = value
    return changed
