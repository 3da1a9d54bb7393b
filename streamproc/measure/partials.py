"""One partition's share of a KPI window, as it travels from the partitions to where they are put together.

A partial says the whole sum, not what came on top, so that one that is read twice or late does no harm. It is made
when the partition's event time progresses, never by the clock: a replay makes the same ones.
"""

from typing import Any

from streamproc.events.facts import Progress
from streamproc.measure.json_text import to_json
from streamproc.measure.sums import Sums
from streamproc.measure.windows import Window, window_of
from streamproc.value import value


@value
class Part:
    """What the facts of one partition add up to in one window.

    Attributes:
        sequence: how many times it has been reported; a higher one is newer.
        changed: whether facts came on top since then.
    """

    sums: Sums
    sequence: int = 0
    changed: bool = True

    def plus(self, sums: Sums) -> "Part":
        """With more facts."""
        return Part(self.sums.plus(sums), self.sequence)

    def reported(self) -> "Part":
        """As it is reported now."""
        return Part(self.sums, self.sequence + 1, changed=False)


@value
class Partial:
    """The record: whose part of which window."""

    window: Window
    partition: int
    part: Part

    @property
    def key(self) -> bytes:
        """The record's key: `day|2011-01-05|3`."""
        return part_key(self.window, self.partition)


@value
class Reported:
    """What a facts partition says behind the sums that it reports.

    Attributes:
        progress: how far event time is complete in it.
        epoch_ms: since when it is counted as it is (`Counting.epoch_ms`).
        is_whole: false while its facts are being counted anew.
    """

    progress: Progress
    epoch_ms: int = 0
    is_whole: bool = True


def part_key(window: Window, partition: int) -> bytes:
    """Where the part of a partition is kept."""
    return f"{window.key}|{partition}".encode()


def encode_partial(partial: Partial) -> bytes:
    """A partial as JSON."""
    message = {"type": "partial", "window": partial.window.key, "partition": partial.partition}
    return to_json(message | plain_part(partial.part))


def decode_partial(message: dict[str, Any]) -> Partial:
    """The partial of a parsed message."""
    return Partial(window_of(message["window"]), message["partition"], part_of(message, changed=False))


def encode_reported(reported: Reported) -> bytes:
    """What a partition says as JSON."""
    progress = reported.progress
    return to_json(
        {
            "partition": progress.partition,
            "partitions": progress.partitions,
            "through_ms": progress.through_ms,
            "type": progress.type,
            "epoch_ms": reported.epoch_ms,
            "is_whole": reported.is_whole,
        }
    )


def decode_reported(message: dict[str, Any]) -> Reported:
    """What a partition said, of a parsed message."""
    return Reported(progress_of(message), message["epoch_ms"], message["is_whole"])


def progress_of(message: dict[str, Any]) -> Progress:
    """The progress of a parsed message.

    Raises:
        ValueError: it is none.
    """
    if message["type"] != "progress":
        raise ValueError(f"{message['type']!r} is neither a fact, a partial nor progress")
    return Progress(message["partition"], message["partitions"], message["through_ms"])


def plain_part(part: Part) -> dict[str, Any]:
    """A part as plain values, all but whether it changed."""
    return {"sequence": part.sequence, "first_day": part.sums.first_day, "series": part.sums.series}


def part_of(message: dict[str, Any], *, changed: bool) -> Part:
    """The part of its plain values."""
    return Part(Sums(message["first_day"], message["series"]), message["sequence"], changed)
