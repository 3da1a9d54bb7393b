"""The event time of one partition of the customer log, and what else decide remembers of it besides its customers."""

from collections.abc import Mapping
from dataclasses import asdict, field, replace

import orjson

from streamproc.decide.clock.timekeeper import Timekeeper
from streamproc.decide.offers.budgets import Spent
from streamproc.events.log import TWICE, Complete, ModelGoverned, ModelReleased
from streamproc.events.versions import NewerVersionError
from streamproc.models.releases.governing import Standing
from streamproc.value import value


@value
class Governed:
    """What was decided last about the versions of a model.

    Attributes:
        at_ms: when somebody did (epoch ms); -1: nobody has.
        frozen: whether releases wait since then.
        waiting: the newest of those that wait.
        retreated: whether it was learn that froze the model.
        retreated_ms: when learn retreated or returned last (epoch ms); -1: never.
    """

    at_ms: int = -1
    frozen: bool = False
    waiting: ModelReleased | None = None
    retreated: bool = False
    retreated_ms: int = -1


@value
class Grouped:
    """By which tags and segments the customers of a partition have been looked at (`decide/segments/filling.py`).

    Attributes:
        version: of the tags and segments (`Plan.groups_version`).
        after: the last key that has been looked at; None: all have.
    """

    version: str = ""
    after: str | None = None


NOBODY_GROUPED = Grouped()


@value
class PartitionState:
    """What decide remembers of a log partition besides its customers.

    Attributes:
        complete: by how many times something was passed on, up to where it has come here (epoch ms). Never goes back.
        timekeeper: what the partition that keeps time for all has heard; of any other, nothing.
        releases: the model versions that count, by model.
        counting: the digests of the declared features that are counted here (`customer/declared/`).
        governed: what was decided about models, by model; of most, nothing ever.
        spent: how often offers with a budget were made here.
        grouped: by which tags and segments the customers here have been looked at.
    """

    complete: Mapping[int, int] = field(default_factory=dict)
    timekeeper: Timekeeper = field(default_factory=Timekeeper)
    releases: Mapping[str, ModelReleased] = field(default_factory=dict)
    counting: frozenset[str] = frozenset()
    governed: Mapping[str, Governed] = field(default_factory=dict)
    spent: Mapping[str, Spent] = field(default_factory=dict)
    grouped: Grouped = NOBODY_GROUPED

    @property
    def watermark_ms(self) -> int | None:
        """Up to where everything has come (epoch ms), what was passed on included; None: nobody has said so yet."""
        return self.complete.get(TWICE)

    def after(self, event: Complete) -> "PartitionState":
        """After the timekeeper has told; what is older than what is known changes nothing."""
        if event.through_ms <= self.complete.get(event.hops, event.through_ms - 1):
            return self
        complete = {**self.complete, event.hops: event.through_ms}
        return replace(self, complete=complete)

    def standing(self, model: str) -> Standing[ModelReleased]:
        """How it stands with the versions of a model."""
        known = self.governed.get(model)
        return Standing(self.releases.get(model), *((known.frozen, known.waiting, known.retreated) if known else ()))

    def with_release(self, release: ModelReleased) -> "PartitionState":
        """After a model release: it counts, or waits if the model is frozen."""
        name, known = release.model, self.governed.get(release.model)
        standing = self.standing(name).released(release)
        if known is not None and known.frozen:
            return replace(self, governed={**self.governed, name: replace(known, waiting=standing.waiting)})
        return replace(self, releases={**self.releases, name: release})

    def with_act(self, act: ModelGoverned) -> "PartitionState":
        """After an act on a model; one that is not behind the last one is a repeat, and changes nothing."""
        known, before = self.governed.get(act.model, Governed()), self.standing(act.model)
        is_of_learn = act.action in ("retreat", "return")
        standing = before.governed(act.action, act.release)
        if act.at_ms <= (known.retreated_ms if is_of_learn else known.at_ms) or standing is before:
            return self
        at_ms, retreated_ms = (known.at_ms, act.at_ms) if is_of_learn else (act.at_ms, known.retreated_ms)
        governed = Governed(at_ms, standing.frozen, standing.waiting, standing.retreated, retreated_ms)
        releases = {name: release for name, release in self.releases.items() if name != act.model}
        if standing.counts is not None:
            releases[act.model] = standing.counts
        return replace(self, releases=releases, governed={**self.governed, act.model: governed})


VERSION = 0x81
GOVERNED_VERSION = 0x82
"""Of a state with acts on models or spent budgets: a release of streamproc that would forget them refuses it."""


LARGE_CHARS = 32_768
"""A snapshot of more has a key of its own (`decide/predictions/large_releases.py`); most have a few thousand."""


def is_large(release: ModelReleased) -> bool:
    """Whether a release is kept under a key of its own."""
    return len(release.snapshot) > LARGE_CHARS


def encode_partition_state(state: PartitionState) -> bytes:
    """The canonical bytes: a version byte, then JSON, without the snapshots that are kept apart."""
    values: dict[str, object] = {
        "complete": state.complete,
        "timekeeper": asdict(state.timekeeper),
        "releases": {name: _plain_release(release) for name, release in state.releases.items()},
        "counting": sorted(state.counting),
    }
    if state.governed:
        values["governed"] = {name: _plain(known) for name, known in state.governed.items()}
    if state.spent:
        values["spent"] = {offer: list(known) for offer, known in state.spent.items()}
    if state.grouped != NOBODY_GROUPED:
        values["grouped"] = [state.grouped.version, state.grouped.after]
    version = GOVERNED_VERSION if state.governed or state.spent else VERSION
    return bytes([version]) + orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)


def decode_partition_state(raw: bytes) -> PartitionState:
    """The state of its bytes.

    Raises:
        NewerVersionError: a newer release wrote it.
    """
    if raw[0] not in (VERSION, GOVERNED_VERSION):
        raise NewerVersionError("the partition's state", raw[0], GOVERNED_VERSION)
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
        {name: _release(plain) for name, plain in values["releases"].items()},
        frozenset(values["counting"]),
        {
            name: Governed(**known | {"waiting": known["waiting"] and _release(known["waiting"])})
            for name, known in values.get("governed", {}).items()
        },
        {offer: Spent(*known) for offer, known in values.get("spent", {}).items()},
        Grouped(*values.get("grouped", ())),
    )


def _plain(known: Governed) -> dict[str, object]:
    return {
        "at_ms": known.at_ms,
        "frozen": known.frozen,
        "waiting": known.waiting and _plain_release(known.waiting),
        "retreated": known.retreated,
        "retreated_ms": known.retreated_ms,
    }


def _plain_release(release: ModelReleased) -> dict[str, object]:
    plain = release.model_dump(mode="json")
    return plain | {"snapshot": ""} if is_large(release) else plain


def _release(plain: Mapping[str, object]) -> ModelReleased:
    return ModelReleased.model_validate_json(orjson.dumps(plain))


def _numbered(moments: Mapping[str, int]) -> dict[int, int]:
    """JSON has no numbers as keys."""
    return {int(number): moment for number, moment in moments.items()}
