"""The products that could be suggested to a customer, and what is known of each."""

from heapq import nsmallest
from math import log, log1p
from typing import Literal, NamedTuple

from streamproc.customer.purchases import PATTERN, Bought, History
from streamproc.events.times import DAY_MS
from streamproc.models.ranking.shop import Shop

Group = Literal["own", "new", "first"]
"""Bought before by the customer; new to a customer who bought before; for a customer who never bought."""

INPUTS: dict[Group, tuple[str, ...]] = {
    "own": (
        "always", "times", "days_since", "off_its_gap", "bought_again", "sells_now", "sells",
        "in_the_last", "in_the_last_but_one", "in_the_last_eight", "sells_now_by_times",
    ),
    "new": ("bought_with", "sells_now", "sells", "novelty"),
    "first": ("sells_now", "sells"),
}  # fmt: skip
"""The inputs of each group: docs/semantics.md, "Product ranking"."""

NEIGHBOURS = 30
"""So many products that go with what was bought last are candidates."""
_SMOOTHING = 0.3
_CENTRE = 6.0
"""About the logarithm of one by the share of baskets that hold a usual product, so that inputs are about 0."""
_SCALE = 20.0
_USUAL_GAP_DAYS = 30.0


class Candidate(NamedTuple):
    """A product that could be suggested, with its inputs in the order of `INPUTS` of its group."""

    sku: str
    group: Group
    inputs: tuple[float, ...]


def candidates_for(history: History, shop: Shop, now_ms: int) -> list[Candidate]:
    """What the customer bought, what goes with the newest of it, and what sells; always in the same order."""
    recent = history.recent
    going = shop.bought_with(recent)
    nearest = nsmallest(NEIGHBOURS, going, key=lambda sku: (-going[sku], sku))
    skus = list(
        dict.fromkeys((*history.products, *nearest, *shop.slow.leaders, *shop.fast.leaders, *shop.ever.leaders))
    )
    sells_now, sells = (counts.shares(skus, now_ms, _SMOOTHING) for counts in (shop.fast, shop.slow))
    found = []
    for place, sku in enumerate(skus):
        sales = log(sells_now[place]) + _CENTRE, log(sells[place]) + _CENTRE
        if bought := history.products.get(sku):
            found.append(Candidate(sku, "own", _own(bought, history, now_ms, (shop.repeat_propensity(sku), *sales))))
        elif history.baskets:
            along = log1p(_SCALE * going.get(sku, 0.0) / len(recent))
            found.append(Candidate(sku, "new", (along, *sales, history.novelty)))
        else:
            found.append(Candidate(sku, "first", sales))
    return found


def _own(bought: Bought, history: History, now_ms: int, known: tuple[float, float, float]) -> tuple[float, ...]:
    repeat_propensity, sells_now, sells = known
    days = max(0, now_ms - bought.last_ms) / DAY_MS
    between_baskets = ((history.last_ms - history.first_ms) / DAY_MS + _USUAL_GAP_DAYS) / history.baskets
    gap = ((bought.last_ms - bought.first_ms) / DAY_MS + between_baskets) / bought.times
    pattern = bought.pattern
    return (
        1.0,
        log(bought.times),
        -log1p(days) / 3,
        -abs(log((days + 1) / (gap + 1))),
        log(repeat_propensity),
        sells_now,
        sells,
        float(pattern & 1),
        float(pattern >> 1 & 1),
        pattern.bit_count() / min(PATTERN, history.baskets),
        sells_now / bought.times,
    )
