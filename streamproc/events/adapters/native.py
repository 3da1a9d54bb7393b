"""Our own format: one JSON object per message. From bytes to an event, or to the reason why not."""

from dataclasses import replace

from pydantic import ValidationError

from streamproc.did_you_mean import suggest
from streamproc.events.adapters.base import NATIVE, Headers, adapter, adapter_for
from streamproc.events.envelopes import change_record
from streamproc.events.json_text import Json, checked
from streamproc.events.raw import EVENT_TYPES, Event, read_raw
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import has_subject
from streamproc.events.tolerance import Mended, tolerated

MAX_EVENT_BYTES = 512 * 1024
"""A larger message is rejected: the customer log must be able to take it with its envelope."""

Read = Event | Mended | SourceProgressed | Rejected
"""What a message of our own format says: always one thing."""

_FOREIGN = (Reason.NOT_AN_OBJECT, Reason.UNKNOWN_TYPE)
_MOST_OF_NAME = 32
_NO_TYPE = Rejected(Reason.MISSING_FIELD, "type")


@adapter(NATIVE)
def native(value: bytes | None, headers: Headers, families: frozenset[str]) -> tuple[Read]:  # noqa: ARG001
    """The one event of a message."""
    return (read(value),)


def parse(raw: bytes | None) -> Event | SourceProgressed | Rejected:
    """Read one raw message, whatever had to be set right in it; never raises."""
    event = read(raw)
    return event.event if isinstance(event, Mended) else event


def read(raw: bytes | None) -> Read:
    """Read one raw message, with what is odd in it set right; never raises.

    The message is one JSON object (`json_text.checked`), at most `MAX_EVENT_BYTES` long.
    """
    tree = checked(raw, MAX_EVENT_BYTES)
    if isinstance(tree, Rejected):
        return tree
    if not isinstance(tree, dict) or raw is None:
        return _hinted(Rejected(Reason.NOT_AN_OBJECT, type(tree).__name__), tree)
    said: Event | Mended | SourceProgressed
    try:
        said = read_raw(raw)
    except ValidationError as error:
        try:
            said = tolerated(raw, error)
        except ValidationError as left:
            return _hinted(change_record(tree) or _invalid(left), tree)
    event = said.event if isinstance(said, Mended) else said
    if type(event) is not SourceProgressed and not has_subject(event):
        return missing_id(event, " and ".join(event.NEEDS) or "neither customer_id, anonymous_id nor email")
    return said


def _hinted(rejected: Rejected, tree: Json) -> Rejected:
    """With the adapter that may read it, if it looks like another system's message, else with the types there are."""
    name = adapter_for(tree)
    if rejected.reason not in _FOREIGN and rejected != _NO_TYPE:
        return rejected
    if name is not None:
        detail = f"{rejected.detail}; the adapter {name!r} may read it".removeprefix("; ")
    elif rejected.reason == Reason.UNKNOWN_TYPE and isinstance(tree, dict):
        detail = suggest(str(tree.get("type"))[:_MOST_OF_NAME], sorted(EVENT_TYPES))
    else:
        return rejected
    return replace(rejected, detail=detail, field_name=rejected.about)


def missing_id(event: Event, detail: str) -> Rejected:
    """An event of which nobody knows whose it is."""
    return Rejected(Reason.MISSING_ID, detail, event.type, " and ".join(event.NEEDS) or "customer_id")


def _invalid(error: ValidationError) -> Rejected:
    """The first thing that is wrong, in words that never repeat the message's own content."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind, *path = first["loc"] or ("",)
    place = ".".join(map(str, path))
    where = str(kind), ".".join(part for part in path if isinstance(part, str))
    match first["type"]:
        case "union_tag_not_found":
            return _NO_TYPE
        case "union_tag_invalid":
            return Rejected(Reason.UNKNOWN_TYPE, field_name="type")
        case "missing":
            return Rejected(Reason.MISSING_FIELD, place, *where)
        case _:
            return Rejected(Reason.WRONG_VALUE, f"{place}: {first['msg']}", *where)
