"""The event time of one partition of the customer log, and what else decide remembers of it besides its customers."""

from collections.abc import Mapping
from dataclasses import asdict, field, replace

import orjson

from streamproc.decide.timekeeper import Timekeeper
from streamproc.events.log import TWICE, Complete, ModelReleased
from streamproc.events.versions import NewerVersionError
from streamproc.value import value


@value
class PartitionState:
    """What decide remembers of a log partition besides its customers.

    Attributes:
        complete: by how many times something was passed on, up to where it has come here (epoch ms). Never goes back.
        timekeeper: what the partition that keeps time for all has heard; of any other, nothing.
        releases: the model versions that count, by model.
        counting: the digests of the declared features that are counted here (`customer/declared/`).
    """

    complete: Mapping[int, int] = field(default_factory=dict)
    timekeeper: Timekeeper = field(default_factory=Timekeeper)
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    counting: frozenset[str] = frozenset()

    @property
    def watermark_ms(self) -> int | None:
        """Up to where everything has come (epoch ms), what was passed on included; None: nobody has said so yet."""
        return self.complete.get(TWICE)

    def after(self, event: Complete) -> "PartitionState":
        """After the timekeeper has told; what is older than what is known changes nothing."""
        if event.through_ms <= self.complete.get(event.hops, event.through_ms - 1):
            return self
        complete = {**self.complete, event.hops: event.through_ms}
        return PartitionState(complete, self.timekeeper, self.releases, self.counting)

    def with_release(self, release: ModelReleased) -> "PartitionState":
        """After a model release."""
        return replace(self, releases={**self.releases, release.model: release})


VERSION = 0x81


def encode_partition_state(state: PartitionState) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    return bytes([VERSION]) + orjson.dumps(
        {
            "complete": state.complete,
            "timekeeper": asdict(state.timekeeper),
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
    kept = values["timekeeper"]
    return PartitionState(
        _numbered(values["complete"]),
        Timekeeper(
            {topic: _numbered(known) for topic, known in kept["through"].items()},
            kept["partitions"],
            {int(hops): _numbered(known) for hops, known in kept["passed_on"].items()},
            _numbered(kept["told"]),
        ),
        {name: ModelReleased.model_validate_json(orjson.dumps(r)) for name, r in values["releases"].items()},
        frozenset(values["counting"]),
    )


def _numbered(moments: Mapping[str, int]) -> dict[int, int]:
    """JSON has no numbers as keys."""
    return {int(number): moment for number, moment in moments.items()}
