"""How good the released versions were: metrics of scores that were given before the answer was known."""

from streamproc.events.training import Example


class Health:
    """Progressive log loss, ROC AUC and Brier score of one model; changes with each example that had a score."""

    def __init__(self) -> None:
        from river import metrics  # noqa: PLC0415  see `churn.new_model`

        self.examples = 0
        self.positives = 0
        self.scored = 0
        self.log_loss = metrics.LogLoss()
        self.roc_auc = metrics.ROCAUC()
        self.brier_sum = 0.0

    def observe(self, example: Example) -> None:
        """Count an answered example, and judge its score if a version had given one."""
        self.examples += 1
        self.positives += example.label
        if example.score is None:
            return
        self.scored += 1
        self.log_loss.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.roc_auc.update(bool(example.label), {True: example.score, False: 1 - example.score})
        self.brier_sum += (example.score - example.label) ** 2

    def values(self) -> dict[str, float]:
        """Metric name to value; those of scores only once there is a scored example."""
        found = {"churn_rate": round(self.positives / self.examples, 6)} if self.examples else {}
        if self.scored:
            found |= {
                "log_loss": round(float(self.log_loss.get()), 6),
                "roc_auc": round(float(self.roc_auc.get()), 6),
                "brier": round(self.brier_sum / self.scored, 6),
                "scored": float(self.scored),
            }
        return found
