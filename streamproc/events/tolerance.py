"""Two classes of fields: what an event cannot do without, and all the rest, which never costs the event.

Needed are who, what kind, when, and what the kind's meaning hangs on: the fields without a default, and those
named `WEIGHTY`. If one of these cannot be understood, the event is a dead letter. Any other field is set right where it
is clear what was meant, and else left out, and is named so that it can be counted. This is asked only of messages that
could not be read as they are, field by field where they failed, so it takes no time of the others.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from math import ceil
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from pydantic import ValidationError

from streamproc.events import mending
from streamproc.events.agent import UserAgent
from streamproc.events.base import Contract, Currency, QuantityOrNone, Text, Url
from streamproc.events.identifiers import Id, MessageId, Sku, plain_id, trimmed
from streamproc.events.profile import MAX_TRAITS_OF_EVENT, Trait
from streamproc.events.raw import EVENT_TYPES, RAW, Event
from streamproc.events.written import Written, as_text, written

Tree = dict[str, Any]
"""What a message says, as JSON gives it."""

Mender = Callable[[object], object]
"""What was meant by a value that is not of its field's type; None if that is not clear."""

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Mended:
    """An event of which some fields were set right or left out: these, in the order of their names."""

    event: Event
    fields: tuple[str, ...]


def tolerated(raw: bytes, error: ValidationError) -> Mended:
    """The event of a JSON object that could not be read as it is.

    Raises:
        ValidationError: a needed field cannot be understood; what is said to be wrong is what nobody could set right.
    """
    said: Tree = json.loads(raw, parse_float=written)
    cls = EVENT_TYPES.get(kind) if isinstance(kind := said.get("type"), str) else None
    if cls is None:
        raise error
    tree = mending.mended(said) or said
    for remedy in (_set_right, _left_out):
        try:
            return _read(cls, said, tree)
        except ValidationError as wrong:
            tree = remedy(cls, tree, {str(each["loc"][1]) for each in wrong.errors() if len(each["loc"]) > 1})
    return _read(cls, said, tree)


def _read(cls: type[Contract], said: Tree, tree: Tree) -> Mended:
    event = cast("Event", RAW.validate_json(json.dumps(tree)))  # its type is one of `EVENT_TYPES`
    changed = (name for name in cls.model_fields if repr(said.get(name)) != repr(tree.get(name)))
    return Mended(event, tuple(sorted(changed)))


def _set_right(cls: type[Contract], tree: Tree, wrong: Iterable[str]) -> Tree:
    """What the fields are meant to be; those that are empty are absent, and those that are not clear stay."""
    menders, changed = _menders(cls), dict(tree)
    for name in wrong:
        value = tree.get(name)
        if _is_empty(value) and name in cls.model_fields and not cls.model_fields[name].is_required():
            changed.pop(name, None)
        elif name in menders and (meant := menders[name](value)) is not None:
            changed[name] = meant
    return changed


def _left_out(cls: type[Contract], tree: Tree, wrong: Iterable[str]) -> Tree:
    """Without the fields that nobody needs."""
    return {name: value for name, value in tree.items() if name not in wrong or is_needed(cls, name)}


def is_needed(cls: type[Contract], name: str) -> bool:
    """Whether an event of this class means nothing, or something else, without what the field says."""
    field = cls.model_fields.get(name)
    return field is not None and (field.is_required() or name in cls.WEIGHTY)


@lru_cache
def _menders(cls: type[Contract]) -> Mapping[str, Mender]:
    found = ((name, _mender(hint)) for name, hint in get_type_hints(cls, include_extras=True).items())
    return {name: mender for name, mender in found if mender is not None}


def _mender(hint: object) -> Mender | None:
    """How a value of a field is set right: by what the field is declared as."""
    parts = list(_parts(hint))
    by_type: tuple[tuple[object, Mender], ...] = (
        (Trait, _traits),
        (Url, partial(_text, 2048)),
        (UserAgent, partial(_text, 1024)),
        (Text, partial(_text, 256)),
        (Currency, _currency),
        (Id, partial(_id, 128)),
        (Sku, partial(_id, 64)),
        (MessageId, partial(_id, 998)),
        (bool, _flag),
        (QuantityOrNone, _pieces),
        (int, _whole),
    )
    found = next((mender for declared, mender in by_type if declared in parts), None)
    return _word if found is None and Literal in map(get_origin, parts) else found


def _parts(hint: object) -> Iterator[object]:
    """A type and those that it is made of."""
    yield hint
    if get_origin(hint) is not Literal:
        for part in get_args(hint):
            yield from _parts(part)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not trimmed(value))


def _text(most: int, value: object) -> str | None:
    text = as_text(value)
    return None if text is None else trimmed(text[:most]) or None


def _id(most: int, value: object) -> str | None:
    try:
        return plain_id(as_text(value) or "", most)
    except ValueError:
        return None


def _currency(value: object) -> str | None:
    return trimmed(value).upper() if isinstance(value, str) else None


def _word(value: object) -> str | None:
    return trimmed(value).lower() if isinstance(value, str) else None


def _flag(value: object) -> bool | None:
    return _FLAGS.get((as_text(value) or "").lower())


def _whole(value: object) -> int | None:
    """A whole number, also as text or written as `5.0`; money as `"5.00"` could be of another unit and is not clear."""
    if isinstance(value, Written) and value.is_integer():
        return int(value)
    digits = trimmed(value) if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def _pieces(value: object) -> int | None:
    """So many pieces of a product; of a fraction, there is something of one more."""
    return ceil(value) if isinstance(value, Written) and value > 0 else _whole(value)


def _traits(value: object) -> Tree | None:
    """The traits that can be kept; of a nested one each part, `address.city`."""
    if not isinstance(value, dict):
        return None
    traits: Tree = {}
    for name, trait in islice(_flat("", value), MAX_TRAITS_OF_EVENT):
        traits.setdefault(name, trait)
    return traits


def _flat(prefix: str, traits: Tree) -> Iterator[tuple[str, object]]:
    for name, value in traits.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
            continue
        known = _id(128, prefix + name)
        kept = _text(256, value) if isinstance(value, str) else value
        if known is not None and not isinstance(value, list) and (value is None or kept is not None):
            yield known, kept
