"""How many customers were looked at of whom nothing is predicted, and what they were like on average."""

from streamproc.events.training import Example


class SampleMetrics:
    """A mean; changes with each sample. `examples`, `total`: how many there were, and the sum of their labels."""

    def __init__(self) -> None:
        self.examples = 0
        self.total = 0.0

    def observe(self, example: Example) -> None:
        """Count a sample."""
        self.examples += 1
        self.total += float(example.label)

    def values(self) -> dict[str, float]:
        """The mean, once there is a sample."""
        return {"mean": round(self.total / self.examples, 6)} if self.examples else {}
