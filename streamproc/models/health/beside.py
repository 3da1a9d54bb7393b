"""How good what was said of late is beside the simplest thing to say: the same of everybody.

What that is follows from the loss: the log loss is smallest for the share of 1s, the squared error for the mean, and
the absolute error for the median.
"""

from math import log
from typing import ClassVar, Protocol

from streamproc.models.sketch import QuantileSketch

BLOCK = 500
"""So many scored examples are judged at once."""
CLEARLY = 0.99
"""A loss below so much of the baseline's is clearly better."""
KEPT = 0.9
"""By this share an answer counts less when a block ends: a mean follows the season, and yet one large order does not
make the next block's a bad one."""
SURE = 1e-6
"""Probabilities are cut at this and 1 less this, so that no log loss is infinite."""


class Baseline(Protocol):
    """What is said of everybody, and the loss by which that is the best; changes with each answer.

    Attributes:
        measure, name: the loss and the baseline in words.
        constant: what is said until `settle`.
        is_known: whether there is such a thing yet.
    """

    measure: ClassVar[str]
    name: ClassVar[str]
    constant: float
    is_known: bool

    def loss(self, said: float, happened: float) -> float:
        """What was lost by saying this of that."""
        ...

    def hear(self, happened: float) -> None:
        """One more answer."""
        ...

    def settle(self) -> None:
        """Have the constant follow the answers that were heard."""
        ...


class BaseRate:
    """Log loss (nats), beside the share of 1s in the block before, smoothed; before there is one, half.

    `answers`, `positives`: how many answers of this block there were, and how many of them were 1.
    """

    measure: ClassVar[str] = "log loss"
    name: ClassVar[str] = "base rate"

    def __init__(self) -> None:
        self.answers = self.positives = 0
        self.constant = 0.5
        self.is_known = True

    def loss(self, said: float, happened: float) -> float:
        """The log loss of one probability."""
        return log_loss(said, int(happened))

    def hear(self, happened: float) -> None:
        """An answer, 0 or 1."""
        self.answers += 1
        self.positives += int(happened)

    def settle(self) -> None:
        """The share of this block is said in the next one."""
        self.constant = (self.positives + 1) / (self.answers + 2)
        self.answers = self.positives = 0


class RunningMean:
    """Squared error, beside the mean of the blocks before, of which the older ones count less.

    `weight`, `total`: how many answers there were, and their sum, as they count.
    """

    measure: ClassVar[str] = "squared error"
    name: ClassVar[str] = "mean"

    def __init__(self) -> None:
        self.weight = self.total = self.constant = 0.0
        self.is_known = False

    def loss(self, said: float, happened: float) -> float:
        """The squared error."""
        return (said - happened) * (said - happened)

    def hear(self, happened: float) -> None:
        """A number."""
        self.weight += 1
        self.total += happened

    def settle(self) -> None:
        """The mean of all until now is said in the next block."""
        self.constant, self.is_known = self.total / self.weight, True
        self.weight *= KEPT
        self.total *= KEPT


class RunningMedian:
    """Absolute error, beside the median of the blocks before, of which the older ones count less.

    `sketch`: the answers, as they count. `most`: the largest of all, which no median is above.
    """

    measure: ClassVar[str] = "absolute error"
    name: ClassVar[str] = "median"

    def __init__(self) -> None:
        self.sketch = QuantileSketch()
        self.most = self.constant = 0.0
        self.is_known = False

    def loss(self, said: float, happened: float) -> float:
        """The absolute error, which is twice the quantile loss at the middle."""
        return abs(said - happened)

    def hear(self, happened: float) -> None:
        """A number."""
        self.sketch.add(happened)
        self.most = max(self.most, float(happened))

    def settle(self) -> None:
        """The median of all until now is said in the next block."""
        self.constant, self.is_known = min(self.sketch.quantile(0.5), self.most), True
        self.sketch.fade(KEPT)


class BesideBaseline:
    """Blocks of what was said, each beside a baseline that knows the blocks before; changes with each scored example.

    Attributes:
        baseline: what is said of everybody.
        scored: scores of this block.
        loss, base_loss: the losses of this block: of its scores, and of the baseline.
        last_loss, last_base_loss: of the last whole block, means; -1 as long as there is none with a baseline.
        worse: how many blocks up to the last one, in a row, were worse than the baseline; `better`: clearly better.
    """

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline
        self.scored = 0
        self.loss = self.base_loss = 0.0
        self.last_loss = self.last_base_loss = -1.0
        self.worse = self.better = 0

    def observe(self, said: float, happened: float) -> bool:
        """What was said, and what happened; whether a block ends with it."""
        self.scored += 1
        self.loss += self.baseline.loss(said, happened)
        self.base_loss += self.baseline.loss(self.baseline.constant, happened)
        self.baseline.hear(happened)
        if self.scored < BLOCK:
            return False
        if self.baseline.is_known:
            self._judge()
        self.baseline.settle()
        self.scored = 0
        self.loss = self.base_loss = 0.0
        return True

    @property
    def is_good(self) -> bool:
        """Whether the last whole block was not worse than a baseline."""
        return self.last_base_loss >= 0 and not self.worse

    def _judge(self) -> None:
        self.last_loss, self.last_base_loss = self.loss / BLOCK, self.base_loss / BLOCK
        self.worse = self.worse + 1 if self.last_loss > self.last_base_loss else 0
        self.better = self.better + 1 if self.last_loss < CLEARLY * self.last_base_loss else 0


def log_loss(probability: float, label: int) -> float:
    """The log loss of one probability (nats)."""
    said = probability if label else 1 - probability
    return -log(max(SURE, min(1 - SURE, said)))
