"""The event time of one partition of the customer log: what the marks in it add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import orjson

from streamproc.events.log import ModelReleased, PassedOn, WatermarkRecord
from streamproc.events.topics import LOG_TOPIC
from streamproc.events.versions import NewerVersionError

ONCE, TWICE = 1, 2
"""How many times something was passed on: from an id to its customer, and on to whom that one was merged into."""


@dataclass(frozen=True, slots=True)
class PartitionState:
    """What decide remembers of a log partition besides its customers.

    Attributes:
        through: for each raw topic and partition how far it is complete (epoch ms).
        partitions: how many partitions each active raw topic has.
        told_ms: the minimum over all of them; None as long as one has not been heard of. Never goes back.
        passed_on: up to where each partition of the log has passed on what is for others (epoch ms), by how many times.
        once_ms: up to where everything has come here that was passed on once at most. Never goes back.
        watermark_ms: and what was passed on twice, from an id to a customer and on to a merged one. Never goes back.
        releases: the model versions that count, by model.
        counting: the digests of the declared features that are counted here (`customer/declared/`).
    """

    through: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    partitions: Mapping[str, int] = field(default_factory=dict)
    told_ms: int | None = None
    passed_on: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    once_ms: int | None = None
    watermark_ms: int | None = None
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    counting: frozenset[str] = frozenset()

    def after(self, event: WatermarkRecord | PassedOn) -> "PartitionState":
        """After a mark of collect's, or after a partition of the log, this one or another, says how far it is."""
        known = self._with_told(event) if isinstance(event, WatermarkRecord) else self._with_passed_on(event)
        once = _later(self.once_ms, known.complete_ms(ONCE))
        twice = _later(self.watermark_ms, known.complete_ms(TWICE))
        return replace(known, once_ms=once, watermark_ms=twice)

    def complete_ms(self, hops: int) -> int | None:
        """Up to where everything has come that was passed on so many times at most, by what is known now."""
        passed_on = self.passed_on.get(hops, {})
        return _least((self.told_ms, *map(passed_on.get, range(self.partitions.get(LOG_TOPIC, 0)))))

    def _with_passed_on(self, event: PassedOn) -> "PartitionState":
        known = _further(self.passed_on.get(event.hops, {}), {event.partition: event.through_ms})
        return replace(self, passed_on={**self.passed_on, event.hops: known})

    def _with_told(self, mark: WatermarkRecord) -> "PartitionState":
        """After a mark of collect's.

        A stale one changes nothing: parts only move forward, and topics only get more partitions.
        """
        counts = {topic: max(count, self.partitions.get(topic, 0)) for topic, count in mark.partitions.items()}
        through = {topic: known for topic, known in self.through.items() if topic in mark.partitions}
        for topic, reached in mark.through.items():
            through[topic] = _further(through.get(topic, {}), reached)
        partitions = {topic: count for topic, count in counts.items() if topic != LOG_TOPIC}
        reached_ms = (through.get(topic, {}).get(number) for topic in partitions for number in range(partitions[topic]))
        told = _least(reached_ms)
        return replace(self, through=through, partitions=counts, told_ms=_later(self.told_ms, told))

    def with_release(self, release: ModelReleased) -> "PartitionState":
        """After a model release."""
        return replace(self, releases={**self.releases, release.model: release})


def _further(known: Mapping[int, int], reached: Mapping[int, int]) -> dict[int, int]:
    """Up to where each partition has come; none goes back."""
    return {**known, **{number: max(moment, known.get(number, moment)) for number, moment in reached.items()}}


def _least(moments: Iterable[int | None]) -> int | None:
    """The first of them; None as long as one is missing, or there is none."""
    known = list(moments)
    return None if None in known else min((moment for moment in known if moment is not None), default=None)


def _later(known: int | None, moment: int | None) -> int | None:
    return known if moment is None else moment if known is None else max(known, moment)


VERSION = 0x81


def encode_partition_state(state: PartitionState) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    return bytes([VERSION]) + orjson.dumps(
        {
            "through": state.through,
            "partitions": state.partitions,
            "told_ms": state.told_ms,
            "passed_on": state.passed_on,
            "once_ms": state.once_ms,
            "watermark_ms": state.watermark_ms,
            "releases": {name: release.model_dump(mode="json") for name, release in state.releases.items()},
            "counting": sorted(state.counting),
        },
        option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS,
    )


def decode_partition_state(raw: bytes) -> PartitionState:
    """The state of its bytes.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    if raw[0] != VERSION:
        raise NewerVersionError("the partition's state", raw[0], VERSION)
    values = orjson.loads(memoryview(raw)[1:])
    return PartitionState(
        {topic: {int(p): moment for p, moment in known.items()} for topic, known in values["through"].items()},
        values["partitions"],
        values["told_ms"],
        {int(hops): {int(p): moment for p, moment in known.items()} for hops, known in values["passed_on"].items()},
        values["once_ms"],
        values["watermark_ms"],
        {name: ModelReleased.model_validate_json(orjson.dumps(r)) for name, r in values["releases"].items()},
        frozenset(values["counting"]),
    )
