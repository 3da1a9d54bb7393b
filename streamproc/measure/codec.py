"""States of measure as bytes and back.

Layout: one byte of version, one of what kind of state it is, one that says whether it changed since it was last
reported or published (so that those can be found without decoding the rest), then JSON.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from streamproc.events.position import Position
from streamproc.events.versions import NewerVersionError
from streamproc.measure.counting import Counting, Recount
from streamproc.measure.json_text import to_json
from streamproc.measure.merge import EventTime
from streamproc.measure.partials import Part, part_of, plain_part
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
            said = {name: tuple(last) for name, last in state.said.items()}
            plain = {"first_day": state.first_day, "through_ms": state.through_ms, "said": said}
            return _encoded(_PUBLICATION, plain, changed=state.changed)
        case EventTime():
            return _encoded(_EVENT_TIME, _plain_event_time(state), changed=False)
        case Counting():
            return _encoded(_COUNTING, _plain_counting(state), changed=False)


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


def _plain_event_time(state: EventTime) -> dict[str, Any]:
    through, epochs = (_by_name(numbered) for numbered in (state.through, state.epochs))
    return {
        "partitions": state.partitions, "through": through, "epochs": epochs, "unfinished": sorted(state.unfinished),
    }  # fmt: skip


def _by_name(numbered: Mapping[int, int]) -> dict[str, int]:
    """JSON has no numbers as keys."""
    return {str(partition): value for partition, value in numbered.items()}


def _read_event_time(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001, ARG001
    through, epochs = (_by_partition(plain[name]) for name in ("through", "epochs"))
    return EventTime(through, plain["partitions"], epochs, frozenset(plain["unfinished"]))


def _by_partition(plain: dict[str, int]) -> dict[int, int]:
    return {int(partition): value for partition, value in plain.items()}


def _plain_counting(counting: Counting) -> dict[str, Any]:
    recount = counting.recount
    return {
        "applied": _plain_position(counting.applied),
        "definitions": dict(counting.definitions),
        "epoch_ms": counting.epoch_ms,
        "recount": recount
        and {
            "until": recount.until,
            "series": None if recount.series is None else sorted(recount.series),
            "whole_from": recount.whole_from,
            "applied": _plain_position(recount.applied),
        },
    }


def _plain_position(position: Position | None) -> dict[str, Any] | None:
    return None if position is None else asdict(position)


def _read_counting(plain: dict[str, Any], changed: bool) -> State:  # noqa: FBT001, ARG001
    applied, recount = plain["applied"], plain["recount"]
    return Counting(
        applied and Position(**applied), plain["definitions"], plain["epoch_ms"], recount and _recount(recount)
    )


def _recount(plain: dict[str, Any]) -> Recount:
    series, applied = plain["series"], plain["applied"]
    return Recount(
        plain["until"],
        None if series is None else frozenset(series),
        plain["whole_from"],
        applied and Position(**applied),
    )


_READ: dict[int, Callable[[dict[str, Any], bool], State]] = {
    _PART: _read_part,
    _PUBLICATION: _read_publication,
    _EVENT_TIME: _read_event_time,
    _COUNTING: _read_counting,
}
