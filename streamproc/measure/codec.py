"""States of measure as bytes and back.

Layout: one byte of version, one of what kind of state it is, one that says whether it changed since it was last
reported or published (so that those can be found without decoding the rest), then JSON.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from streamproc.events.position import Position
from streamproc.events.versions import NewerVersionError
from streamproc.measure.counting import Counting
from streamproc.measure.merge import EventTime
from streamproc.measure.partials import Part, part_of, plain_part, to_json
from streamproc.measure.publication import Publication, Said

State = Part | Publication | EventTime | Counting
VERSION = 1
_HEAD_BYTES = 3
_PART, _PUBLICATION, _EVENT_TIME, _COUNTING = b"swtc"


def encode(state: State) -> bytes:
    """The canonical bytes of a state."""
    match state:
        case Part():
            return _encoded(_PART, plain_part(state), changed=state.changed)
        case Publication():
            plain = {"first_day": state.first_day, "through_ms": state.through_ms, "said": state.said}
            return _encoded(_PUBLICATION, plain, changed=state.changed)
        case EventTime():
            plain = {"partitions": state.partitions, "through": state.through}
            return _encoded(_EVENT_TIME, plain, changed=False)
        case Counting():
            applied = None if state.applied is None else asdict(state.applied)
            return _encoded(_COUNTING, {"applied": applied}, changed=False)


def decode(raw: bytes) -> State:
    """The state of its bytes.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    changed = is_changed(raw)
    return _READ[raw[1]](json.loads(raw[_HEAD_BYTES:]), changed)


def is_changed(raw: bytes) -> bool:
    """Whether an encoded state changed since it was last reported or published.

    Raises:
        NewerVersionError: as `decode`.
    """
    if raw[0] != VERSION:
        raise NewerVersionError("a state of measure", raw[0], VERSION)
    return bool(raw[2])


def is_publication(raw: bytes) -> bool:
    """Whether it is what has been said about a window."""
    return raw[1] == _PUBLICATION


def _encoded(kind: int, plain: dict[str, Any], *, changed: bool) -> bytes:
    return bytes((VERSION, kind, changed)) + to_json(plain)


def _read_part(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001
    return part_of(plain, changed=changed)


def _read_publication(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001
    said = {name: Said(*last) for name, last in plain["said"].items()}
    return Publication(changed, plain["first_day"], plain["through_ms"], said)


def _read_event_time(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001, ARG001
    return EventTime({int(partition): through for partition, through in plain["through"].items()}, plain["partitions"])


def _read_counting(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001, ARG001
    return Counting(plain["applied"] and Position(**plain["applied"]))


_READ: dict[int, Callable[[dict[str, Any], bool], State]] = {
    _PART: _read_part,
    _PUBLICATION: _read_publication,
    _EVENT_TIME: _read_event_time,
    _COUNTING: _read_counting,
}
