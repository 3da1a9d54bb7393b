"""Product ranking: how often a basket holds one of ten suggestions, of the model and of the lines it must beat.

Each basket is scored before it is learned. Source of the protocol: docs/semantics.md.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Literal

import numpy as np

from streamproc.customer.purchases import NOTHING, History
from streamproc.models.kinds.for_you import ForYou
from streamproc.models.ranking.ranker import Ranker
from streamproc.offline.backtest.judging import Estimate, Numbers, resampled_together
from streamproc.offline.backtest.orders import Behaviour, Order

TOP = 10
MODEL = "the model"
RELEASED = "its released copies"
"""As live: a frozen copy of what sells most, made anew after every so many baskets."""
MIN_CUSTOMERS = 30
"""Of fewer customers there are no intervals: they would look too sure."""


@dataclass(frozen=True, slots=True)
class RankingLine:
    """How good one way to suggest is.

    Attributes:
        baskets: how many were judged.
        hit, recall: the share of baskets with a hit among ten, and the mean share of the basket found.
        hit_low, hit_high, recall_low, recall_high: 95 % intervals; None of fewer than `MIN_CUSTOMERS` customers.
    """

    ranking: str
    baskets: int
    hit: float
    recall: float
    hit_low: float | None = None
    hit_high: float | None = None
    recall_low: float | None = None
    recall_high: float | None = None


@dataclass(frozen=True, slots=True)
class RankingGain:
    """How much more the model has than the simple way that has most of it, on the same baskets (paired)."""

    measure: Literal["hit", "recall"]
    over: str
    gain: Estimate


@dataclass(frozen=True, slots=True)
class RankingResult:
    """The simple ways, the model's released copies and the model, and what it gains; nothing if no basket is judged."""

    lines: list[RankingLine] = field(default_factory=list)
    gains: list[RankingGain] = field(default_factory=list)


@dataclass
class Bought:
    """How many baskets held each product, of everybody and of each customer, in the order of the first time."""

    by_all: Counter[str] = field(default_factory=Counter)
    by_customer: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def learn(self, order: Order) -> None:
        """Count a basket."""
        self.by_all.update(order.skus)
        self.by_customer[order.customer_id].update(order.skus)

    def popular(self) -> list[str]:
        """What most baskets held."""
        return nsmallest(TOP, self.by_all, key=lambda sku: -self.by_all[sku])

    def personal(self, customer_id: str) -> list[str]:
        """What the customer bought most often; of equals what was bought first, then what is popular."""
        own = self.by_customer.get(customer_id, Counter[str]())
        return self._filled(nsmallest(TOP, own, key=lambda sku: -own[sku]))

    def personal_then_popular(self, customer_id: str) -> list[str]:
        """What the customer bought most often; of equals the more popular, then what is popular."""
        own = self.by_customer.get(customer_id, Counter[str]())
        return self._filled(nsmallest(TOP, own, key=lambda sku: (-own[sku], -self.by_all[sku])))

    def suggestions(self, customer_id: str) -> dict[str, list[str]]:
        """Each simple way's suggestions."""
        return {
            "popular with everybody": self.popular(),
            "bought most often by the customer": self.personal(customer_id),
            "the same, ties by popularity": self.personal_then_popular(customer_id),
        }

    def _filled(self, mine: list[str]) -> list[str]:
        return [*mine, *(sku for sku in self.popular() if sku not in mine)][:TOP] if len(mine) < TOP else mine


@dataclass
class Model:
    """The product's own ranker, and what each customer bought."""

    settings: ForYou = field(default_factory=ForYou)
    ranker: Ranker = field(default_factory=Ranker)
    released: Ranker = field(default_factory=Ranker)
    histories: dict[str, History] = field(default_factory=dict)
    baskets: int = 0

    def suggest_as_released(self, order: Order) -> list[str]:
        """What the newest copy would have suggested right before an order."""
        history = self.histories.get(order.customer_id, NOTHING)
        return [each.sku for each in self.released.best(self.released.rank(history, order.at_ms))]

    def suggest_and_learn(self, order: Order) -> list[str]:
        """What would have been suggested right before an order, which is then learned."""
        history = self.histories.get(order.customer_id, NOTHING)
        ranked = self.ranker.rank(history, order.at_ms)
        suggested = [each.sku for each in self.ranker.best(ranked)]
        self.ranker.learn(ranked, history, order.skus, order.at_ms)
        self.histories[order.customer_id] = history.with_basket(order.skus, order.at_ms)
        self.baskets += 1
        if self.baskets % self.settings.release_every == 0:
            self.released = self.ranker.frozen(self.settings.products, self.settings.neighbours)
        return suggested


def judge_ranking(behaviour: Behaviour, from_ms: int) -> RankingResult:
    """Judge the baskets from a moment on; those before it are only learned."""
    bought, model = Bought(), Model()
    found: dict[str, list[Mapping[str, tuple[float, float]]]] = defaultdict(list)
    for order in behaviour.orders:
        is_judged = order.at_ms >= from_ms
        simple = bought.suggestions(order.customer_id) if is_judged else {}
        released = {RELEASED: model.suggest_as_released(order)} if is_judged else {}
        suggested = {**simple, **released, MODEL: model.suggest_and_learn(order)}
        bought.learn(order)
        if is_judged:
            found[order.customer_id].append({name: _right(skus, order) for name, skus in suggested.items()})
    return _judged(list(found.values())) if found else RankingResult()


def _right(suggested: Sequence[str], order: Order) -> tuple[float, float]:
    """Whether a basket held a suggestion, and which share of it was suggested."""
    right = len(set(order.skus).intersection(suggested))
    return float(right > 0), right / len(order.skus)


def _judged(customers: Sequence[Sequence[Mapping[str, tuple[float, float]]]]) -> RankingResult:
    """Of each customer's judged baskets what each way had found."""
    names = list(customers[0][0])
    baskets = np.array([len(each) for each in customers], dtype=np.float64)
    sums = np.array([[np.sum([basket[name] for basket in each], axis=0) for name in names] for each in customers])
    means = _means(np.ones(len(customers)), baskets, sums)
    simple = range(names.index(RELEASED))
    best = [max(simple, key=lambda way: means[way, measure]) for measure in (0, 1)]

    def statistics(weights: Numbers) -> list[float | None]:
        each = _means(weights, baskets, sums)
        gains = [each[-1, measure] - each[way, measure] for measure, way in enumerate(best)]
        return [float(value) for value in (*each.ravel(), *gains)]

    estimates = _with_intervals(len(customers), statistics(np.ones(len(customers))), statistics)
    lines = []
    for way, name in enumerate(names):
        hit, recall = estimates[2 * way : 2 * way + 2]
        values = (float(means[way, 0]), float(means[way, 1]), hit.low, hit.high, recall.low, recall.high)
        lines.append(RankingLine(name, int(baskets.sum()), *values))
    over = [names[way] for way in best]
    return RankingResult(
        lines, [RankingGain("hit", over[0], estimates[-2]), RankingGain("recall", over[1], estimates[-1])]
    )


def _means(weights: Numbers, baskets: Numbers, sums: Numbers) -> Numbers:
    """By way and measure, the mean over all baskets; each customer counts by a weight."""
    means: Numbers = (weights[:, None, None] * sums).sum(axis=0) / (weights * baskets).sum()
    return means


def _with_intervals(
    customers: int, values: list[float | None], statistics: Callable[[Numbers], Sequence[float | None]]
) -> list[Estimate]:
    """A customer's baskets are alike, so customers are drawn anew, not baskets."""
    if customers < MIN_CUSTOMERS:
        return [Estimate(value) for value in values]
    return resampled_together(customers, statistics)
