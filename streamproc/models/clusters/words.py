"""What makes the customers of a cluster different from all, in words: the strongest differences first."""

from collections.abc import Iterator, Sequence
from math import copysign, expm1
from typing import NamedTuple

from streamproc.customer.declared.counting import DEFINED_AS

MOST_WORDS = 3
LEAST_DIFFERENCE = 0.3
"""In standard deviations: what differs less is not worth a word."""
MOST_SQUEEZED = 700
"""No float is larger."""
EXACT_BELOW = 100
"""Smaller numbers have a decimal."""


class Phrase(NamedTuple):
    """What is said of customers who have more of a feature than others, and less, and what it is counted in."""

    more: str
    less: str
    unit: str


PHRASES = {
    "days_since_last_order": Phrase("last ordered longer ago", "ordered more recently", "days"),
    "orders_365d": Phrase("order more often", "order less often", "a year"),
    "net_revenue_365d": Phrase("spend more", "spend less", "a year"),
    "views_28d": Phrase("browse more", "browse less", "in 28 days"),
    "opens_28d": Phrase("open more messages", "open fewer messages", "in 28 days"),
}


def described(
    features: Sequence[str], centre: Sequence[float], means: Sequence[float], spreads: Sequence[float]
) -> list[str]:
    """What is typical of a cluster, beside what is of all; nothing: its customers are like all.

    `centre`, `means` and `spreads` are of squeezed features.
    """
    return [words for _, words in sorted(_differences(features, centre, means, spreads))][:MOST_WORDS]


def _differences(
    features: Sequence[str], centre: Sequence[float], means: Sequence[float], spreads: Sequence[float]
) -> Iterator[tuple[float, str]]:
    for name, own, mean, spread in zip(features, centre, means, spreads, strict=True):
        difference = (own - mean) / spread if spread > 0 else 0.0
        if abs(difference) >= LEAST_DIFFERENCE:
            known = name.partition(DEFINED_AS)[0]
            phrase = PHRASES.get(known, Phrase(f"have more of {known}", f"have less of {known}", ""))
            said = phrase.more if difference > 0 else phrase.less
            mine = f"{_number(own)} {phrase.unit}".strip()
            yield -abs(difference), f"{said} than others ({mine} beside {_number(mean)})"


def _number(squeezed: float) -> str:
    value = copysign(expm1(min(abs(squeezed), MOST_SQUEEZED)), squeezed)
    return f"{value:,.1f}" if abs(value) < EXACT_BELOW else f"{value:,.0f}"
