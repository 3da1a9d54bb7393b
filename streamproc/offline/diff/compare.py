"""Two replays side by side: per kind and name, what is the same, added, dropped, moved in time or changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from streamproc.offline.diff.said import KINDS, Kind, Said
from streamproc.offline.replay.output_folder import SUMMARY_FILE
from streamproc.offline.replay.setup import ReplayError

DAY_CHARS = len("2026-03-01")
EXAMPLES = 3
"""How many of each difference are shown."""
OF_MESSAGES = 10
"""Likewise of triggers and refusals: what a changed rule does is judged by these."""


@dataclass(slots=True)
class Difference:
    """What is different about one name, with examples in words.

    Attributes:
        days: how many there were on each day, in the first replay and in the second.
    """

    same: int = 0
    added: int = 0
    dropped: int = 0
    moved: int = 0
    changed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)
    days: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_different(self) -> bool:
        """Whether anything is."""
        return bool(self.added or self.dropped or self.moved or self.changed)

    def count(self, what: str, example: str, most: int) -> None:
        """One more difference; so many examples are kept."""
        setattr(self, what, getattr(self, what) + 1)
        examples = self.examples.setdefault(what, [])
        if len(examples) < most:
            examples.append(example)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two replays: kind to name to difference; and their summaries."""

    kinds: Mapping[str, Mapping[str, Difference]]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def is_different(self) -> bool:
        """Whether the second says anything else than the first."""
        return any(one.is_different for names in self.kinds.values() for one in names.values())

    def as_json(self) -> bytes:
        """For other programs."""
        kinds = {kind: {name: asdict(one) for name, one in names.items()} for kind, names in self.kinds.items()}
        values = {"different": self.is_different, "kinds": kinds, "a": self.before, "b": self.after}
        return orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def compare(before: Path, after: Path) -> Comparison:
    """Compare the replays in two folders.

    Raises:
        ReplayError: a folder holds no replay.
    """
    summaries = (_summary(before), _summary(after))
    return Comparison({kind.title: _compare_kind(kind, before, after) for kind in KINDS}, *summaries)


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / SUMMARY_FILE
    try:
        summary: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ReplayError(f"{path}: {error}; name two folders that `streamproc replay --out` has written") from error
    return summary


def _compare_kind(kind: Kind, before: Path, after: Path) -> dict[str, Difference]:
    first, second = _grouped(kind.read(before)), _grouped(kind.read(after))
    differences: dict[str, Difference] = defaultdict(Difference)
    most = OF_MESSAGES if kind.is_of_messages else EXAMPLES
    for name, about in sorted(first.keys() | second.keys()):
        pair = first.get((name, about), []), second.get((name, about), [])
        _match(differences[name], *pair, most)
        _count_days(differences[name].days, *pair)
    return dict(differences)


def _grouped(said: Iterable[Said]) -> dict[tuple[str, str], list[Said]]:
    groups: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for each in said:
        groups[each.name, each.about].append(each)
    return groups


def _match(difference: Difference, first: list[Said], second: list[Said], most: int) -> None:
    """Pair what was said to the same customer: first what is equal, then of the same moment, then in its order."""
    first, second, pairs = _pair(first, second, "at digest")
    difference.same += len(pairs)
    first, second, pairs = _pair(first, second, "at")
    for a, b in pairs:
        difference.count("changed", f"{_place(a)}: {a.shown or '…'} → {b.shown or '…'}", most)
    for a, b in zip(first, second, strict=False):
        difference.count("moved", f"{a.about}: {a.at} → {b.at}", most)
    paired = min(len(first), len(second))
    for a in first[paired:]:
        difference.count("dropped", f"{_place(a)} {a.shown}".strip(), most)
    for b in second[paired:]:
        difference.count("added", f"{_place(b)} {b.shown}".strip(), most)


def _count_days(days: dict[str, tuple[int, int]], *both: list[Said]) -> None:
    for place, said in enumerate(both):
        for each in said:
            known = [*days.get(each.at[:DAY_CHARS], (0, 0))]
            known[place] += 1
            days[each.at[:DAY_CHARS]] = known[0], known[1]


def _pair(first: list[Said], second: list[Said], by: str) -> tuple[list[Said], list[Said], list[tuple[Said, Said]]]:
    """What has no partner in the other list with the same fields, on either side, and the pairs."""
    waiting: dict[tuple[Any, ...], list[Said]] = defaultdict(list)
    for b in second:
        waiting[_key(b, by)].append(b)
    alone, pairs = [], []
    for a in first:
        partners = waiting.get(_key(a, by))
        if partners:
            pairs.append((a, partners.pop(0)))
        else:
            alone.append(a)
    return alone, sorted((b for left in waiting.values() for b in left), key=lambda b: b.at), pairs


def _key(said: Said, by: str) -> tuple[Any, ...]:
    return tuple(getattr(said, name) for name in by.split())


def _place(said: Said) -> str:
    return " ".join(part for part in (said.about, said.at) if part)
