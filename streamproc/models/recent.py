"""How good the scores of late were beside the simplest thing to say: the same probability for everybody."""

from math import log, sqrt

from streamproc.models.adwin import Adwin

BLOCK = 500
"""So many scored examples are judged at once."""
CLEARLY = 0.99
"""A loss below so much of the base rate's is clearly better."""
WORST = 4.0
"""A log loss above this counts as this when drift is looked for (ADWIN wants bounded numbers)."""
SURE = 1e-6
"""Probabilities are cut at this and 1 less this, so that no log loss is infinite."""


class BesideBaseRate:
    """Blocks of scores, each beside saying the base rate of the block before; changes with each scored example.

    Attributes:
        scored: scores of this block.
        loss, base_loss: the log losses of this block: of its scores, and of the base rate.
        positives: how many answers of this block were 1.
        base_rate: the share of 1s in the block before, smoothed: what the constant prediction says.
        last_loss, last_base_loss: of the last whole block, means; -1 as long as there is none.
        worse: how many blocks up to the last one, in a row, were worse than the base rate; `better`: clearly better.
    """

    def __init__(self) -> None:
        self.scored = self.positives = 0
        self.loss = self.base_loss = 0.0
        self.base_rate = 0.5
        self.last_loss = self.last_base_loss = -1.0
        self.worse = self.better = 0

    def observe(self, score: float, label: int) -> bool:
        """A score of 0 to 1, and its answer, 0 or 1; whether a block ends with it."""
        self.scored += 1
        self.loss += log_loss(score, label)
        self.base_loss += log_loss(self.base_rate, label)
        self.positives += label
        if self.scored < BLOCK:
            return False
        self.last_loss, self.last_base_loss = self.loss / BLOCK, self.base_loss / BLOCK
        self.worse = self.worse + 1 if self.last_loss > self.last_base_loss else 0
        self.better = self.better + 1 if self.last_loss < CLEARLY * self.last_base_loss else 0
        self.base_rate = (self.positives + 1) / (BLOCK + 2)
        self.scored = self.positives = 0
        self.loss = self.base_loss = 0.0
        return True


class RecentScores:
    """The newest scores, in blocks, and drift of their log loss; changes with each scored example.

    Attributes:
        beside: the log losses.
        sum, squares: of this block: the sum of the scores and of their squares.
        spread: the standard deviation of the scores of the last whole block.
        window: the log losses between which drift is looked for.
        drifts, drift_at: how often the log loss has risen, and after how many scored examples it did the last time.
    """

    def __init__(self) -> None:
        self.beside = BesideBaseRate()
        self.sum = self.squares = self.spread = 0.0
        self.window = Adwin()
        self.drifts = 0
        self.drift_at = 0

    def observe(self, score: float, label: int) -> None:
        """A score of 0 to 1, and its answer, 0 or 1."""
        if self.window.rises(min(log_loss(score, label), WORST) / WORST):
            self.drifts, self.drift_at = self.drifts + 1, self.window.seen
        self.sum += score
        self.squares += score * score
        if self.beside.observe(score, label):
            mean = self.sum / BLOCK
            self.spread = sqrt(max(0.0, self.squares / BLOCK - mean * mean))
            self.sum = self.squares = 0.0

    def values(self) -> dict[str, float]:
        """Metric name to value: drift, and what the last whole block says."""
        found = {"drifts": float(self.drifts)} | ({"drift_at": float(self.drift_at)} if self.drifts else {})
        if self.beside.last_loss >= 0:
            found["recent_log_loss"] = round(self.beside.last_loss, 6)
            found["recent_base_log_loss"] = round(self.beside.last_base_loss, 6)
            found["score_spread"] = round(self.spread, 6)
        return found


def log_loss(probability: float, label: int) -> float:
    """The log loss of one probability (nats)."""
    said = probability if label else 1 - probability
    return -log(max(SURE, min(1 - SURE, said)))
