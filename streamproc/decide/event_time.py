"""The event time of one partition of the customer log: what the marks in it add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from streamproc.events.log import Mark, ModelReleased
from streamproc.events.topics import LOG_TOPIC
from streamproc.events.versions import NewerVersionError


@dataclass(frozen=True, slots=True)
class PartitionState:
    """What decide remembers of a log partition besides its customers.

    Attributes:
        through: for each raw topic and partition how far it is complete (epoch ms).
        partitions: how many partitions each active raw topic has.
        told_ms: the minimum over all of them; None as long as one has not been heard of. Never goes back.
        passed_on: up to where each partition of the log that was heard of has passed on what is for others (epoch ms).
        releases: the model versions that count, by model.
        counting: the digests of the declared features that are counted here (`customer/declared/`).
    """

    through: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    partitions: Mapping[str, int] = field(default_factory=dict)
    told_ms: int | None = None
    passed_on: Mapping[int, int] = field(default_factory=dict)
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    counting: frozenset[str] = frozenset()

    @property
    def watermark_ms(self) -> int | None:
        """Up to where all that is for this partition's customers has come, under whatever key; never goes back."""
        return self.told_ms if self.told_ms is None else min((self.told_ms, *self.passed_on.values()))

    def with_mark(self, mark: Mark) -> "PartitionState":
        """After a mark of collect's, or of decide's own in this or another partition of the log."""
        if LOG_TOPIC in mark.partitions:
            return self._with_passed_on(mark)
        return self._with_told(mark)

    def _with_passed_on(self, mark: Mark) -> "PartitionState":
        """A partition that is heard of for the first time does not take time back."""
        passed_on = dict(self.passed_on)
        for partition, moment in mark.through.get(LOG_TOPIC, {}).items():
            known = passed_on.get(partition, self.watermark_ms or moment)
            passed_on[partition] = max(moment, known)
        return replace(self, passed_on=passed_on)

    def _with_told(self, mark: Mark) -> "PartitionState":
        """After a mark of collect's.

        A stale one changes nothing: parts only move forward, and topics only get more partitions.
        """
        partitions = {topic: max(count, self.partitions.get(topic, 0)) for topic, count in mark.partitions.items()}
        through = {topic: dict(known) for topic, known in self.through.items() if topic in mark.partitions}
        for topic, reached in mark.through.items():
            known = through.setdefault(topic, {})
            for partition, moment in reached.items():
                known[partition] = max(moment, known.get(partition, moment))
        return replace(self, through=through, partitions=partitions, told_ms=self._told(through, partitions))

    def with_release(self, release: ModelReleased) -> "PartitionState":
        """After a model release."""
        return replace(self, releases={**self.releases, release.model: release})

    def _told(self, through: Mapping[str, Mapping[int, int]], partitions: Mapping[str, int]) -> int | None:
        reached = [
            through.get(topic, {}).get(partition) for topic, count in partitions.items() for partition in range(count)
        ]
        known = [moment for moment in reached if moment is not None]
        if not known or len(known) < len(reached):
            return self.told_ms
        lowest = min(known)
        return lowest if self.told_ms is None else max(lowest, self.told_ms)


VERSION = 0x81


def encode_partition_state(state: PartitionState) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    return bytes([VERSION]) + orjson.dumps(
        {
            "through": state.through,
            "partitions": state.partitions,
            "told_ms": state.told_ms,
            "passed_on": state.passed_on,
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
        {int(partition): moment for partition, moment in values["passed_on"].items()},
        {name: ModelReleased.model_validate_json(orjson.dumps(r)) for name, r in values["releases"].items()},
        frozenset(values["counting"]),
    )
