"""What a replay said, in the form in which two replays are compared: without ids, positions and versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from streamproc.events.subject import Kind as Whose
from streamproc.events.subject import Subject
from streamproc.events.topics import (
    FORECASTS_TOPIC,
    JOURNEYS_TOPIC,
    KPIS_TOPIC,
    MODELS_TOPIC,
    OFFERS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TAGS_TOPIC,
    trigger_topic,
)
from streamproc.offline.replay.output import SUFFIX, read_outputs

_LINEAGE = {
    "trigger_id", "offer_decision_id", "suppression_id", "score_id", "change_id", "position", "plan_version",
    "model_version", "signature", "end", "revision",
}  # fmt: skip
"""Says where a record comes from, not what it says; differs between any two configurations."""


_WHOSE = {"customer_id": Whose.CUSTOMER, "anonymous_id": Whose.VISITOR}
_WHO = tuple(_WHOSE)


class Said(NamedTuple):
    """One record.

    Attributes:
        name: what it is counted under: a trigger, an offer, a segment, a KPI.
        about: whom it is about, as people read it.
        at: when, RFC 3339.
        digest: of all else that it says.
        shown: the part of that which fits into a line.
    """

    name: str
    about: str
    at: str
    digest: bytes
    shown: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: its topics, the fields that name it and those that say whom it is about and what it says.

    `newest`: only the last record of each (name, about, at) counts, as in a compacted topic.
    """

    title: str
    pattern: str
    name: tuple[str, ...]
    about: tuple[str, ...]
    at: str | None
    shown: tuple[str, ...]
    newest: bool = False

    @property
    def is_of_messages(self) -> bool:
        """Whether it says what is sent, or why not."""
        return "trigger" in self.name

    def read(self, folder: Path) -> Iterator[Said]:
        """What the replay in this folder said of the kind."""
        found = (self._said(value) for value in self._values(folder))
        if not self.newest:
            return found
        return iter({said[:3]: said for said in found}.values())

    def _values(self, folder: Path) -> Iterator[dict[str, Any]]:
        for path in sorted(folder.glob(self.pattern + SUFFIX)):
            for record in read_outputs(path, path.name.removesuffix(SUFFIX)):
                yield orjson.loads(record.value or b"{}")

    def _said(self, value: Mapping[str, Any]) -> Said:
        left_out = {*_LINEAGE, *self.name, *self.about, self.at}
        rest = {name: content for name, content in value.items() if name not in left_out}
        digest = blake2b(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS), digest_size=8).digest()
        at = str(value[self.at]) if self.at else ""
        name, about, shown = (_texts(value, names) for names in (self.name, self.about, self.shown))
        return Said(name, about, at, digest, shown)


def _texts(value: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return " ".join(_named(name, value[name]) for name in names if value.get(name) not in (None, {}))


def _named(name: str, content: Any) -> str:
    """A customer and a visitor may have the same id: they are told apart as the customer log does."""
    return Subject(_WHOSE[name], content).key if name in _WHOSE else _text(content)


def _text(content: Any) -> str:
    if isinstance(content, dict):
        return ", ".join(f"{name}={_text(part)}" for name, part in content.items())
    return f"{content:.6g}" if isinstance(content, float) else str(content)


KINDS = (
    Kind("triggers", trigger_topic("*"), ("trigger",), (*_WHO, "correlation"), "at", ("type", "channel", "content")),
    Kind("offers", OFFERS_TOPIC, ("offer_id",), _WHO, "at", ("channel", "candidates")),
    Kind("segments", SEGMENTS_TOPIC, ("segment", "change"), _WHO, "at", ()),
    Kind("tags", TAGS_TOPIC, ("tag", "change"), _WHO, "at", ("source",)),
    Kind("journeys", JOURNEYS_TOPIC, ("journey", "change"), (*_WHO, "correlation"), "at", ("step", "reason")),
    Kind("suppressions", SUPPRESSIONS_TOPIC, ("trigger", "reason"), _WHO, "at", ("channel", "until", "detail")),
    Kind("scores", SCORES_TOPIC, ("model",), _WHO, "at", ("probability", "band")),
    Kind("forecasts", FORECASTS_TOPIC, ("model",), _WHO, "at", ("value", "low", "high", "band")),
    Kind("kpis", KPIS_TOPIC, ("kpi",), ("window", "dimensions"), "start", ("value",), newest=True),
    Kind("models", MODELS_TOPIC, ("model",), ("version",), None, ("metrics",)),
)
