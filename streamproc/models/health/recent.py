"""How the probabilities of late did: beside the base rate, and whether their log loss has risen."""

from math import sqrt

from streamproc.models.health.adwin import Adwin
from streamproc.models.health.beside import BLOCK, BaseRate, BesideBaseline, log_loss

WORST = 4.0
"""A log loss above this counts as this when drift is looked for (ADWIN wants bounded numbers)."""


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
        self.beside = BesideBaseline(BaseRate())
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
