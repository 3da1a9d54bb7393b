"""How good the released versions were: metrics of scores that were given before the answer was known."""

from collections.abc import Iterable

from streamproc.events.training import Example
from streamproc.models.in_part import in_part, know


class ProgressiveMetrics:
    """Progressive log loss, ROC AUC and Brier score of one model; changes with each example that had a score."""

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

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge its score if a version had given one."""
        self.examples += 1
        self.positives += int(example.label)
        if example.score is None:
            return
        self.scored += 1
        self.log_loss.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.roc_auc.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.brier_sum += (example.score - example.label) ** 2

    def values(self) -> dict[str, float]:
        """Metric name to value; those of scores once there is a scored example, ROC AUC once there are both answers."""
        found = {"churn_rate": round(self.positives / self.examples, 6)} if self.examples else {}
        if self.scored:
            found["log_loss"] = round(float(self.log_loss.get()), 6)
        if self._has_both_answers:
            found["roc_auc"] = round(float(self.roc_auc.get()), 6)
        if self.scored:
            found |= {"brier": round(self.brier_sum / self.scored, 6), "scored": float(self.scored)}
        return found

    @property
    def _has_both_answers(self) -> bool:
        """Whether there are pairs to rank; without any River says 0, as of a model that ranks all of them wrongly."""
        rows: Iterable[float] = self.roc_auc.cms[0].sum_row.values()
        return sum(count > 0 for count in rows) > 1
