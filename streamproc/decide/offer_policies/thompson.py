"""Choose each offer as often as it is likely to be the best: what is not known well is tried, what is known is used.

Sources: W. Thompson (1933); S. Agrawal and N. Goyal, "Thompson Sampling for Contextual Bandits with Linear Payoffs"
(2013). They draw a value of each offer and take the highest. Here the probability that an offer's is the highest is
computed, and the choice drawn from that: the same choices, and the logged propensity is what was drawn from.
"""

from collections.abc import Sequence
from math import erf, exp, pi, sqrt
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies.base import Chances, OfferPolicy, explored
from streamproc.models.scorer import Estimate

REACH, STEPS = 5.0, 80
"""Integrals go so many standard deviations to both sides, in so many steps."""

_STEP = 2 * REACH / STEPS
_GRID = tuple(
    (point, _STEP * exp(-point * point / 2) / sqrt(2 * pi)) for point in (-REACH + _STEP * n for n in range(STEPS + 1))
)
_SURE = 1e-9
"""A value that deviates by no more is what it is."""


class Thompson(OfferPolicy):
    """Each offer as often as it is likely to be worth most; a share `explore` at random.

    `spread` widens (above 1) or narrows what is believed, and so how much is tried.
    """

    kind: Literal["thompson"] = "thompson"
    needs_model: ClassVar[bool] = True
    spread: Annotated[float, Field(gt=0, le=100)] = 1.0
    explore: Annotated[float, Field(ge=0, le=1)] = 0.02

    @property
    def label(self) -> str:
        """The kind with its numbers."""
        return f"thompson({self.spread}, explore {self.explore})"

    def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
        """How likely each is the best."""
        worths = [Estimate(worth.mean, self.spread * worth.deviation) for worth in (each.worth for each in candidates)]
        best = chances_of_being_highest(worths)
        return explored({each.offer.id: chance for each, chance in zip(candidates, best, strict=True)}, self.explore)


def chances_of_being_highest(values: Sequence[Estimate]) -> list[float]:
    """How likely each of some independent normal values is the highest; values that are sure and equal share alike.

    By the trapezoidal rule over each value's density, then made to add up to 1: right to about 0.02
    (`tests/decide/offers/test_learned_policies.py`). Nothing is random.
    """
    highest = max((each.mean for each in values if each.deviation <= _SURE), default=None)
    alike = sum(_is_sure_of(each, highest) for each in values)
    unsure = [each for each in values if each.deviation > _SURE]
    contenders = unsure if highest is None else [*unsure, Estimate(highest, 0.0)]
    chances = [_chance(number, contenders) for number in range(len(contenders))]
    total, of_unsure = sum(chances), iter(chances)
    found = []
    for each in values:
        if each.deviation > _SURE:
            found.append(next(of_unsure) / total)
        else:
            found.append(chances[-1] / alike / total if each.mean == highest else 0.0)
    return found


def _is_sure_of(value: Estimate, mean: float | None) -> bool:
    return value.deviation <= _SURE and value.mean == mean


def _chance(number: int, values: Sequence[Estimate]) -> float:
    own = values[number]
    others = [
        (other.mean, 1 / (sqrt(2) * max(other.deviation, _SURE)))
        for place, other in enumerate(values)
        if place != number
    ]
    chance = 0.0
    for point, weight in _GRID:
        value = own.mean + own.deviation * point
        for mean, scale in others:
            weight *= 0.5 * (1 + erf((value - mean) * scale))  # noqa: PLW2901  the density times what lies below it
        chance += weight
    return chance
