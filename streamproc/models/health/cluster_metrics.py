"""How much of what makes customers different their clusters say."""


class ClusterMetrics:
    """How far samples were from the centres that were released before they came; changes with each.

    Attributes:
        examples, judged: how many there were, and how many of them came when there were centres.
        within: the sum of the squares of how far these were from the nearest one.
        total: likewise, from the mean of all.
    """

    def __init__(self) -> None:
        self.examples = 0
        self.judged = 0
        self.within = 0.0
        self.total = 0.0

    def observe(self, distances: tuple[float, float] | None) -> None:
        """Count a sample, and how far it was if there were centres."""
        self.examples += 1
        if distances is not None:
            self.judged += 1
            self.within += distances[0]
            self.total += distances[1]

    def values(self) -> dict[str, float]:
        """Metric name to value; `explained` 1: all in a cluster are the same, 0: it says nothing."""
        return {"explained": round(1 - self.within / self.total, 6)} if self.total else {}
