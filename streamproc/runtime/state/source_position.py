"""The record in each changelog partition that says which source offset its states stand for.

Against offsets that are not those of the states, and topics that somebody recreated: both are committed in one
transaction, so they agree at a take-over, or one of them was changed or lost. The states are the truth (ADR 12).
"""

from dataclasses import dataclass

import orjson

from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import Refusal
from streamproc.runtime.state.store import RESERVED

POSITION_KEY = RESERVED + b"source"


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """The states contain everything below `offset` of the topic with this id; `plan` is what they were made by last."""

    topic_id: str
    offset: int
    plan: str = ""

    def encode(self) -> bytes:
        """As JSON, for whoever looks into a changelog."""
        return orjson.dumps({"topic_id": self.topic_id, "offset": self.offset, "plan": self.plan})


def decode_position(value: bytes) -> SourcePosition:
    """The mark that `encode` made."""
    fields = orjson.loads(value)
    return SourcePosition(fields["topic_id"], fields["offset"], fields.get("plan", ""))


@dataclass(frozen=True, slots=True)
class SourceOffsets:
    """What Kafka knows of a source partition: its bounds, and the group's committed offset."""

    begin: int
    end: int
    committed: int | None


def starting_point(
    offsets: SourceOffsets, topic_id: str, mark: SourcePosition | None, *, keeps_state: bool
) -> int | Refusal:
    """The offset to begin with, if state and offsets belong together.

    Kafka can forget offsets (of a group that was idle for long), or go back to earlier ones (a coordinator that lost
    the end of its log); the mark then says where the stage was.
    """
    committed = offsets.committed
    if mark is not None and mark.topic_id != topic_id:
        return Refusal(Exit.RECREATED, f"its states were made from topic id {mark.topic_id}, now it is {topic_id}")
    if keeps_state and committed is not None and mark is None:
        return Refusal(Exit.RESET, f"offset {committed} is committed, but the changelog is empty")
    if mark is not None and committed is not None and committed > mark.offset:
        return Refusal(Exit.RESET, f"offset {committed} is committed, but its states were made up to {mark.offset}")
    known = committed if mark is None else mark.offset
    if known is None:
        return offsets.begin
    if not offsets.begin <= known <= offsets.end:
        return Refusal(Exit.OFFSETS, f"offset {known} is outside of the log, {offsets.begin} to {offsets.end}")
    return known
