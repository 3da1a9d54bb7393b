"""Whether a ranker that was read can be used: any numbers may stand in an artefact."""

from collections.abc import Iterator
from typing import Any

from streamproc.models.ranking.ranker import Ranker
from streamproc.models.snapshot_error import SnapshotError

LARGEST = 1e30


def require_ranker(model: Any) -> Ranker:
    """The model, if it is a ranker with finite numbers.

    Raises:
        SnapshotError: it is not.
    """
    if not isinstance(model, Ranker):
        raise SnapshotError(f"the model is a Ranker, this is a {type(model).__name__}")
    if not all(-LARGEST <= number <= LARGEST for number in _numbers(model)):
        raise SnapshotError("it has numbers that are not finite: what it suggests would mean nothing")
    if min(model.shop.all_repeats) < 1:
        raise SnapshotError("it says that nothing is ever bought again")
    return model


def _numbers(ranker: Ranker) -> Iterator[float]:
    """All numbers that it has."""
    shop = ranker.shop
    yield from (ranker.known.ahead, ranker.newcomers.ahead, *shop.all_repeats)
    for weights in ranker.weights.weights.values():
        yield from weights
    for counts in shop.counts:
        yield from (counts.baskets.amount, *counts.leaders.values())
        for amount, _ in counts.amounts.values():
            yield amount
    for repeats in shop.repeats.values():
        yield from repeats
