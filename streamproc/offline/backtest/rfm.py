"""RFM groups over time: how many customers were in each, and where they went, by the versions that counted then.

Every customer who has ordered within a year is looked at once in `sample_every_days` (`models/kinds/rfm.py`), so the
samples of so many days are all of them once.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamproc.customer.rfm import RfmScores
from streamproc.customer.shop_figures import SCORES, ShopFigures, fifth
from streamproc.decide.plan import Plan
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS, parse_rfc3339, rfc3339
from streamproc.models.estimators.rfm_model import FREQUENCY, MONETARY, RECENCY
from streamproc.models.figures_kind import FiguresPrediction
from streamproc.models.releases.snapshots import unpack

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RfmPeriod:
    """The customers of one round of samples, by group; `since` is its first day."""

    since: str
    groups: dict[str, int]


@dataclass(frozen=True, slots=True)
class RfmResult:
    """All rounds, and the moves from one to the next.

    Attributes:
        every_days: how long a round is.
        groups: in the order of the configuration.
        periods: in the order of time, from the first released version on.
        moves: by the group in a round, in which groups the same customers were in the next, and how many.
    """

    every_days: int = 0
    groups: list[str] = field(default_factory=list)
    periods: list[RfmPeriod] = field(default_factory=list)
    moves: dict[str, dict[str, int]] = field(default_factory=dict)


def judge_rfm(examples: Iterable[Message], cards: Iterable[Message], plan: Plan, through_ms: int) -> RfmResult:
    """Put the samples of whole rounds until a moment into the groups that they had; nothing if nobody is looked at."""
    looking = ((name, each) for name, each in plan.sampled.items() if isinstance(each, FiguresPrediction))
    name, prediction = next(looking, ("", None))
    if prediction is None:
        return RfmResult()
    versions = _versions((card for card in cards if card["model"] == name), prediction)
    length = prediction.sample_every_days * DAY_MS
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    moves: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, tuple[int, str]] = {}
    told = (each for each in examples if each["type"] == "example" and each["model"] == name)
    for each in sorted(told, key=lambda example: (example["asked_ms"], example["subject"])):
        place = bisect_right(versions, each["asked_ms"], key=lambda version: version[0])
        if not place:
            continue
        group = plan.profile.rfm.group_of[_scores(each["features"], versions[place - 1][1])]
        counted[each["asked_ms"] // length][group] += 1
        before = last.get(each["subject"])
        if before is not None and each["asked_ms"] - before[0] == length:
            moves[before[1]][group] += 1
        last[each["subject"]] = each["asked_ms"], group
    names = list(dict.fromkeys(each.name for each in plan.profile.rfm.group))
    whole = [each for each in sorted(counted) if versions[0][0] <= each * length <= through_ms - length]
    return RfmResult(
        prediction.sample_every_days,
        names,
        [RfmPeriod(rfc3339(number * length)[:10], _in_order(counted[number], names)) for number in whole],
        {group: _in_order(moves[group], names) for group in names if group in moves},
    )


def _versions(cards: Iterable[Message], prediction: FiguresPrediction) -> list[tuple[int, ShopFigures]]:
    """The released versions, and since when each counted."""
    return [
        (
            parse_rfc3339(card["trained_through"]),
            prediction.figures(unpack(card["snapshot"], prediction), card["version"]),
        )
        for card in cards
    ]


def _scores(features: Mapping[str, float], figures: ShopFigures) -> RfmScores:
    return RfmScores(
        SCORES + 1 - fifth(round(features[RECENCY] * DAY_MS), figures.recency_ms),
        fifth(round(features[FREQUENCY]), figures.orders),
        fifth(round(features[MONETARY] * MICROS), figures.net_micros),
    )


def _in_order(counted: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: counted[name] for name in names if counted.get(name)}
