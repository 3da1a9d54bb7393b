"""How good predicted numbers were, beside what happened: errors, bias, and how many stayed below what was said."""

from typing import ClassVar

from streamproc.events.training import Example
from streamproc.models.health.beside import Baseline, BesideBaseline, RunningMean, RunningMedian
from streamproc.models.health.retreat import RetreatJudge
from streamproc.models.health.stability import FeatureStability


class AmountMetrics:
    """Progressive errors of one model; changes with each example.

    Attributes:
        examples, scored: how many there were, and how many of them had a score.
        total: the sum of all labels.
        scored_total, predicted: the sums of the labels of those that were scored, and of what was predicted of them.
        squared_errors, absolute_errors: of what was predicted.
        plain_errors: squared, of the mean of all labels until then: what who knows no customer would say.
        below: how many labels were not above what was predicted.
        recent: the newest predictions beside the same for everybody.
        stability: whether features move.
        judge: whether predictions have been so bad for so long that they are better not given.
    """

    baseline: ClassVar[type[Baseline]] = RunningMean

    def __init__(self) -> None:
        self.examples = 0
        self.scored = 0
        self.total = 0.0
        self.scored_total = 0.0
        self.predicted = 0.0
        self.squared_errors = 0.0
        self.absolute_errors = 0.0
        self.plain_errors = 0.0
        self.below = 0
        self.recent = BesideBaseline(self.baseline())
        self.stability = FeatureStability()
        self.judge = RetreatJudge(self.baseline)

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge what was predicted if a version had said so."""
        label = float(example.label)
        self.stability.observe(example.features, example.model_version or "")
        if (said := example.score) is not None:
            mean = self.total / self.examples if self.examples else 0.0
            self.scored += 1
            self.scored_total += label
            self.predicted += said
            self.squared_errors += (said - label) * (said - label)
            self.absolute_errors += abs(said - label)
            self.plain_errors += (mean - label) * (mean - label)
            self.below += label <= said
            self.recent.observe(said, label)
            self.judge.observe(said, label, example.model_version or "")
        self.examples += 1
        self.total += label

    def values(self) -> dict[str, float]:
        """Metric name to value.

        `bias` 1: what was predicted adds up to what happened; `squared_error_ratio` below 1: better than the mean;
        `recent_error_ratio` likewise, of the last whole block.
        """
        found = {"mean": round(self.total / self.examples, 6)} if self.examples else {}
        if self.scored:
            found["absolute_error"] = round(self.absolute_errors / self.scored, 6)
            found["scored"] = float(self.scored)
            found["share_below"] = round(self.below / self.scored, 6)
        if self.scored_total > 0:
            found["bias"] = round(self.predicted / self.scored_total, 6)
        if self.plain_errors:
            found["squared_error_ratio"] = round(self.squared_errors / self.plain_errors, 6)
        if self.recent.last_base_loss > 0:
            found["recent_error_ratio"] = round(self.recent.last_loss / self.recent.last_base_loss, 6)
        return found | self.stability.values()

    def notes(self) -> dict[str, str]:
        """What the numbers are about, where that is no number."""
        return self.stability.notes()


class MiddleMetrics(AmountMetrics):
    """Of predictions of the middle: half should stay below them (`share_below`), and they add up to nothing."""

    baseline: ClassVar[type[Baseline]] = RunningMedian

    def values(self) -> dict[str, float]:
        """Metric name to value."""
        meant_for_means = ("bias", "squared_error_ratio")
        return {name: value for name, value in super().values().items() if name not in meant_for_means}
