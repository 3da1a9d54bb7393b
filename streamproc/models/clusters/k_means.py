"""Groups of weighted points, by k-means with several starts: the same points in the same order give the same groups.

The starts are those of k-means++, but the likeliest instead of drawn ones: nothing here is left to chance. Source: D.
Arthur and S. Vassilvitskii, "k-means++: The Advantages of Careful Seeding" (2007).
"""

from collections.abc import Sequence
from typing import NamedTuple

from streamproc.customer.shop_clusters import Point, squared_distance

STARTS = 8
MOST_ROUNDS = 50
KEPT_UNLESS = 1.05
"""The centres of before are gone on from, unless a fresh start brings points nearer to theirs by more than this."""


class Weighted(NamedTuple):
    """A point that stands for so many."""

    weight: float
    point: Point


class Grouping(NamedTuple):
    """Centres, what each weighs, and the sum of the squares of how far points are from theirs."""

    centres: list[list[float]]
    weights: list[float]
    spread: float


def grouped(points: Sequence[Weighted], count: int, before: Sequence[Point] = ()) -> Grouping:
    """At most so many groups of some points; `before`: centres that it may go on from."""
    heaviest = sorted(points, key=lambda each: each.weight, reverse=True)[:STARTS]
    settled = [_settled(points, _starts(points, count, first.point)) for first in heaviest]
    fresh = min(settled, key=lambda each: each.spread)
    if len(before) != count:
        return fresh
    gone_on = _settled(points, before)
    is_as_good = len(gone_on.centres) == count and gone_on.spread <= KEPT_UNLESS * fresh.spread
    return gone_on if is_as_good else fresh


def nearest(point: Point, centres: Sequence[Point]) -> tuple[int, float]:
    """Which of some centres is nearest to a point, and the square of how far it is."""
    distances = [squared_distance(point, centre) for centre in centres]
    place = min(range(len(distances)), key=distances.__getitem__)
    return place, distances[place]


def _starts(points: Sequence[Weighted], count: int, first: Point) -> list[Point]:
    """Points far from each other, the first one given: each weighs most by the square of how far it is from others."""
    found = [first]
    while len(found) < count:
        gains = [each.weight * nearest(each.point, found)[1] for each in points]
        if not any(gains):
            break
        found.append(points[gains.index(max(gains))].point)
    return found


def _settled(points: Sequence[Weighted], centres: Sequence[Point]) -> Grouping:
    """Centres in the middle of what is nearest to them; one that is nearest to nothing is gone."""
    places: list[int] = []
    for _ in range(MOST_ROUNDS):
        found = [nearest(each.point, centres)[0] for each in points]
        if found == places:
            break
        kept = sorted(set(found))
        places = [kept.index(place) for place in found]
        centres = [
            _middle([each for each, at in zip(points, places, strict=True) if at == own]) for own in range(len(kept))
        ]
    weights, spread = [0.0] * len(centres), 0.0
    for each in points:
        place, distance = nearest(each.point, centres)
        weights[place] += each.weight
        spread += each.weight * distance
    return Grouping([list(centre) for centre in centres], weights, spread)


def _middle(points: Sequence[Weighted]) -> list[float]:
    total = sum([each.weight for each in points])
    return [sum([each.weight * each.point[at] for each in points]) / total for at in range(len(points[0].point))]
