"""How messages in others' formats are read: all adapters of foreign formats are made of this.

An adapter writes down what a message says as objects of our own format, with the values as they came. Each is then read
as our own messages are: what is odd in it is set right, and what it lacks is named, by the same rules.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from streamproc.events.adapters import native
from streamproc.events.adapters.base import Adapted
from streamproc.events.ignored import Ignored
from streamproc.events.json_text import Json, as_written
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.tolerance import Mended

Tree = dict[str, Any]
"""An object, theirs or ours."""

Said = Tree | Ignored | Rejected
"""One thing that a message says, in our format."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""So large is a record of a raw topic at most (`topics/defaults.toml`); each event of it may be as large as any."""


def adapted(value: bytes | None, say: Callable[[Json], Iterable[Said]]) -> tuple[Adapted, ...]:
    """What a message says: `say` tells it in our format. Nothing is told twice."""
    said = as_written(value, MAX_MESSAGE_BYTES)
    if isinstance(said, Rejected):
        return (said,)
    return tuple(_each_once(_read(each) for each in say(said)))


def objects(said: Json, say: Callable[[Tree], Iterable[Said]]) -> Iterator[Said]:
    """What one object says, or each of a list of them."""
    for each in said if isinstance(said, list) else (said,):
        if isinstance(each, dict):
            yield from say(each)
        else:
            yield Rejected(Reason.NOT_AN_OBJECT, type(each).__name__)


def _read(said: Said) -> Adapted:
    if not isinstance(said, dict):
        return said
    return native.read(json.dumps(known(said)).encode())


def _each_once(events: Iterable[Adapted]) -> Iterator[Adapted]:
    seen: set[tuple[str, str]] = set()
    for each in events:
        event = each.event if isinstance(each, Mended) else each
        if (event_id := getattr(event, "event_id", None)) is not None:
            identity = (event_id, type(event).__name__)
            if identity in seen:
                continue
            seen.add(identity)
        yield each


def inside(tree: object, *path: str) -> Any:
    """What stands at the end of a path of keys; None if nothing does.

    >>> inside({"page": {"url": "u"}}, "page", "url"), inside({"page": 1}, "page", "url")
    ('u', None)
    """
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def within(tree: object, *path: str) -> Tree:
    """The object at the end of a path of keys; an empty one if there is none."""
    found = inside(tree, *path)
    return found if isinstance(found, dict) else {}


def as_tree(value: object) -> Tree:
    """An object, also one that stands as JSON in a text; an empty one if it is neither."""
    if isinstance(value, str):
        value = as_written(value.encode(errors="replace"), MAX_MESSAGE_BYTES)
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """A list, or the only thing that there is of it; nothing is an empty one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def trees(value: object) -> list[Tree]:
    """The objects of a list, or the only one that there is."""
    return [each for each in listed(value) if isinstance(each, dict)]


def known(said: Tree) -> Tree:
    """What is said, without what is nothing."""
    return {name: each for name, each in said.items() if each is not None}


def first(*values: object) -> Any:
    """The first that says something: not nothing, and no empty text."""
    return next((each for each in values if each is not None and each != ""), None)
