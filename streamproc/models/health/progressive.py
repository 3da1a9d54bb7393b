"""How good the released versions were: metrics of scores that were given before the answer was known.

All of them are counted in the order of learning, so they are the same however often and wherever it is learned.
"""

from collections.abc import Iterable

from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.health.beside import BaseRate
from streamproc.models.health.calibration import ScoreHistogram
from streamproc.models.health.recent import RecentScores
from streamproc.models.health.retreat import RetreatJudge
from streamproc.models.health.stability import FeatureStability
from streamproc.models.in_part import in_part, know


class ProgressiveMetrics:
    """Progressive metrics of a model that says probabilities; changes with each example.

    Attributes:
        examples, positives: answered questions, and those that were answered by 1.
        scored: those that had a score; `log_loss`, `roc_auc`, `brier_sum`, `histogram` and `recent` are of these.
        delay_ms: the sum of the times from question to answer.
        stability: whether features move.
        judge: whether scores have been so bad for so long that they are better not given.
    """

    def __init__(self) -> None:
        with in_part():
            from river.metrics.confusion import ConfusionMatrix  # noqa: PLC0415
            from river.metrics.log_loss import LogLoss  # noqa: PLC0415  see `logistic.new_model`
            from river.metrics.roc_auc import ROCAUC  # noqa: PLC0415

        know("river.metrics", ConfusionMatrix)  # ROCAUC asks for it there
        self.examples = 0
        self.positives = 0
        self.scored = 0
        self.log_loss = LogLoss()
        self.roc_auc = ROCAUC()
        self.brier_sum = 0.0
        self.delay_ms = 0.0
        self.histogram = ScoreHistogram()
        self.recent = RecentScores()
        self.stability = FeatureStability()
        self.judge = RetreatJudge(BaseRate)

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge its score if a version had given one."""
        self.examples += 1
        self.positives += int(example.label)
        self.delay_ms += example.answered_ms - example.asked_ms
        self.stability.observe(example.features, example.model_version or "")
        if example.score is None:
            return
        self.scored += 1
        self.log_loss.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.roc_auc.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.brier_sum += (example.score - example.label) ** 2
        self.histogram.observe(example.score, int(example.label))
        self.recent.observe(example.score, int(example.label))
        self.judge.observe(example.score, int(example.label), example.model_version or "")

    def values(self) -> dict[str, float]:
        """Metric name to value; those of scores once there is a scored example, ROC AUC once there are both answers."""
        found: dict[str, float] = {}
        if self.examples:
            found["positive_rate"] = round(self.positives / self.examples, 6)
            found["label_delay_days"] = round(self.delay_ms / self.examples / DAY_MS, 6)
        if self.scored:
            found["log_loss"] = round(float(self.log_loss.get()), 6)
        if self._has_both_answers:
            found["roc_auc"] = round(float(self.roc_auc.get()), 6)
        if self.scored:
            found |= {"brier": round(self.brier_sum / self.scored, 6), "scored": float(self.scored)}
            found |= self.recent.values()
        for name, value in (
            ("calibration_error", self.histogram.calibration_error()),
            ("top_decile_lift", self.histogram.top_decile_lift()),
        ):
            if value is not None:
                found[name] = round(value, 6)
        return found | self.stability.values()

    def notes(self) -> dict[str, str]:
        """What the numbers are about, where that is no number."""
        return self.stability.notes()

    @property
    def _has_both_answers(self) -> bool:
        """Whether there are pairs to rank; without any River says 0, as of a model that ranks all of them wrongly."""
        rows: Iterable[float] = self.roc_auc.cms[0].sum_row.values()
        return sum(count > 0 for count in rows) > 1
