"""The customer log: one ordered stream per customer, the only thing that decide reads (`shop.customer-events.v1`).

A record is `{"at", "received_at", "src", "event"}`: the corrected event time, the time at which Kafka took the raw
message, where that message stands, and what happened. The key says whose it is (`events/subject.py`); what tells of
event time, and of models (releases, and what somebody decided about them), which goes to every partition, has the key
`~`, which is nobody's.

decide itself writes into it, too: what came for somebody under another key is passed on to their own, with the
record of this log that was passed on as `src`, the keys under which it came, and where its raw message stands. So the
log has all that was found out about who is who, and a replay of it finds out nothing.
"""

from functools import lru_cache
from typing import Annotated, Literal

import orjson
from pydantic import AwareDatetime, Field, TypeAdapter

from streamproc.events.base import Contract
from streamproc.events.identifiers import Id
from streamproc.events.raw import Event
from streamproc.events.times import rfc3339
from streamproc.events.trusted import trusting
from streamproc.value import value

CONTROL_KEY = b"~"
"""The key of the records that are for every customer of a partition."""

TIMEKEEPER = 0
"""The partition of the log that hears how far all raw ones and all of the log's are, and tells it to these."""

DIRECTLY, ONCE, TWICE = 0, 1, 2
"""How many times something was passed on: from an id to its customer, and on to whom that one was merged into."""


GovernAction = Literal["freeze", "unfreeze", "rollback", "promote", "retreat", "return"]
"""What can be done about which version of a model counts."""

RawPlace = tuple[str, int, int]
"""Where a raw message stands: topic, partition, offset."""


@value
class Origin:
    """Where an event was said: in which raw message, and after how many others in the same one (`index`).

    Of what decide has passed on: in which record of the customer log, under which keys it came before (`via`), and
    where the raw message stands (`raw`). A topic that was made anew has another `topic_id`.
    """

    topic: str
    partition: int
    offset: int
    topic_id: str = ""
    index: int = 0
    via: tuple[str, ...] = ()
    raw: RawPlace | None = None

    @property
    def raw_place(self) -> RawPlace:
        """Where the raw message stands."""
        return self.raw or (self.topic, self.partition, self.offset)


class WatermarkRecord(Contract):
    """collect to the timekeeper: event time is complete up to `through` (epoch ms) in these raw partitions.

    `partitions` says which raw ones exist.
    """

    type: Literal["mark"] = "mark"
    through: dict[str, dict[int, int]]
    partitions: dict[str, int]


class PassedOn(Contract):
    """A partition to the timekeeper: it has passed on what came until `through_ms` (epoch ms), `hops` times at most.

    Twice: all partitions have passed on once what came until then, and this one has passed that on, too.
    """

    type: Literal["passed_on"] = "passed_on"
    partition: int
    hops: int
    through_ms: int


class Complete(Contract):
    """The timekeeper to each partition: what happened until `through_ms` (epoch ms) stands in front of this record.

    `hops`: also what was passed on so many times at most, from other partitions to this one.
    """

    type: Literal["complete"] = "complete"
    hops: int
    through_ms: int


class ModelReleased(Contract):
    """From here on this version of a model counts; the snapshot is signed."""

    type: Literal["model_released"] = "model_released"
    model: Id
    version: Id
    snapshot: str
    signature: str
    trained_through: AwareDatetime
    examples: int


class ModelGoverned(Contract):
    """From here on something else than the newest release decides which version of a model counts; signed.

    `freeze` and `rollback`: `release` counts, and later ones wait. `promote`: `release` counts until the next one.
    `unfreeze`: the newest of those that wait counts, if there is one, and later ones do again. Learn's own are
    `retreat`, as `rollback`, or none counts, unless somebody has frozen the model; and `return`, as `unfreeze` after
    that. `at_ms` (epoch ms) moves forward with each act on a model (of learn's with each of its own), so that an act
    that comes twice counts once.
    """

    type: Literal["model_governed"] = "model_governed"
    action: GovernAction
    model: Id
    at_ms: int
    release: ModelReleased | None = None
    signature: str = ""

    @property
    def version(self) -> str:
        """The version that it has count; none if that is left to what waits, or none counts."""
        return self.release.version if self.release else ""


class KeyClaimed(Contract):
    """The key that this is for stands for somebody else from here on: for `owner`, a customer's or visitor's key."""

    type: Literal["key_claimed"] = "key_claimed"
    owner: str


class KeyReleased(Contract):
    """The key that this is for does not stand for `owner` any more; `erased`: who that was is to be forgotten."""

    type: Literal["key_released"] = "key_released"
    owner: str
    erased: bool = False


class ProfileMoved(Contract):
    """All that was known under the key `moved` belongs to the customer that this is for; `state` as it is kept."""

    type: Literal["profile_moved"] = "profile_moved"
    moved: str
    state: str


Moving = KeyClaimed | KeyReleased | ProfileMoved
"""What decide tells itself of who is who."""

LoggedEvent = Event | WatermarkRecord | PassedOn | Complete | ModelReleased | ModelGoverned | Moving


class LogRecord(Contract):
    """The value of a customer-log record; `backfill`: history that was told long after (`collect/when.py`)."""

    at: AwareDatetime
    received_at: AwareDatetime
    backfill: bool = False
    src: Origin | None = None
    event: Annotated[LoggedEvent, Field(discriminator="type")]


@value
class TimerDue:
    """A customer's timer ran out; made by a mark, never written to the log."""

    name: str
    type: Literal["timer_due"] = "timer_due"


@value
class LogEntry:
    """One entry of a customer's log, as decide sees it.

    Attributes:
        key: whose it is (`events/subject.py`).
        at_ms: corrected event time, epoch ms; for a timer the moment it was due.
        position: `<topic id>/<partition>/<offset>` of the record that caused it; every id is derived from it.
        offset: its offset in the log partition.
        event: what happened.
        received_ms: when Kafka took the raw message; None: nobody said so, or it is a timer.
        complete_ms: how far event time was complete before it. A timer that was due before that was set by something
            that was told late.
        is_backfill: it is history that was told long after: it changes what is known, and is no occasion for anything.
        src: where it was said; None: nowhere, such as a timer.
    """

    key: str
    at_ms: int
    position: str
    offset: int
    event: Event | Moving | TimerDue
    received_ms: int | None = None
    complete_ms: int | None = None
    is_backfill: bool = False
    src: Origin | None = None

    @property
    def via(self) -> tuple[str, ...]:
        """The keys under which it came before it was passed on to this one."""
        return self.src.via if self.src else ()

    @property
    def raw(self) -> RawPlace | None:
        """Where its raw message stands, if it has one."""
        return self.src.raw_place if self.src else None

    @property
    def known_ms(self) -> int:
        """When it could be known at the earliest, by event time: later than it happened if it was told late."""
        return self.at_ms if self.complete_ms is None else max(self.at_ms, self.complete_ms)

    @property
    def age_ms(self) -> int:
        """How old it was when it was told, or could be known to be due."""
        return max(self.known_ms, self.received_ms or 0) - self.at_ms


_RECORD = trusting(TypeAdapter(LogRecord))


def encode_record(
    event: LoggedEvent, at_ms: int, received_ms: int, src: Origin | None = None, *, is_backfill: bool = False
) -> bytes:
    """The canonical bytes of a customer-log record (absent fields are left out)."""
    origin = b"" if src is None else b',"src":' + _encode_source(src)
    return b'{"at":"%b","received_at":"%b"%b%b,"event":%b}' % (
        rfc3339(at_ms).encode(),
        rfc3339(received_ms).encode(),
        b',"backfill":true' if is_backfill else b"",
        origin,
        encode_event(event),
    )


def _encode_source(src: Origin) -> bytes:
    """The index, the other keys and their place only where there are any: hardly ever."""
    place: dict[str, object] = {
        "topic": src.topic, "partition": src.partition, "offset": src.offset, "topic_id": src.topic_id,
    }  # fmt: skip
    if src.index:
        place["index"] = src.index
    if src.via:
        place["via"] = src.via
    if src.raw:
        place["raw"] = src.raw
    return orjson.dumps(place)


def encode_event(event: Contract) -> bytes:
    """An event as canonical JSON: declared order of fields, absent fields left out."""
    return event.__pydantic_serializer__.to_json(event, exclude_none=True)


def decode_record(value: bytes) -> LogRecord:
    """Read a customer-log record; its ids are as collect took them, and not checked again.

    Raises:
        pydantic.ValidationError: the record was not written by collect or learn.
    """
    record: LogRecord = _RECORD.validate_json(value)
    return record


@lru_cache(maxsize=16)
def decode_control(value: bytes) -> LogRecord:
    """Read a record that is for every customer of a partition: the same stands in each, and is read once for all.

    Raises:
        pydantic.ValidationError: as `decode_record`.
    """
    return decode_record(value)
