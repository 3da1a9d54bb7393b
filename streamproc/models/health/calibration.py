"""Whether probabilities mean what they say, and whether the highest are the right ones: from a histogram of scores.

Sources: expected calibration error as M. P. Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian
Binning" (2015), with ten equal bins; lift as in any text on targeting.
"""

from collections.abc import Iterator

BINS = 100
"""Of equal width, over 0 to 1."""
WIDE = 10
"""So many of them make one of the ten bins of the calibration error."""
TOP = 0.1


class ScoreHistogram:
    """Scores with their answers, by a hundred bins; changes with each.

    Attributes:
        counts, positives: how many scores, and how many of those with the answer 1, by bin.
        sums: the sum of the scores, by bin.
    """

    def __init__(self) -> None:
        self.counts = [0] * BINS
        self.positives = [0] * BINS
        self.sums = [0.0] * BINS

    def observe(self, score: float, label: int) -> None:
        """A score of 0 to 1, and its answer, 0 or 1."""
        place = min(int(score * BINS), BINS - 1)
        self.counts[place] += 1
        self.positives[place] += label
        self.sums[place] += score

    def calibration_error(self) -> float | None:
        """The mean distance of scores from the share of 1s among their like, 0 to 1; None without a score."""
        total = sum(self.counts)
        if not total:
            return None
        gaps = 0.0
        for start in range(0, BINS, WIDE):
            these = slice(start, start + WIDE)
            gaps += abs(sum(self.positives[these]) - sum(self.sums[these]))
        return gaps / total

    def top_decile_lift(self) -> float | None:
        """The share of 1s among the tenth with the highest scores, by that among all; None as long as there is no 1.

        Where the tenth ends within a bin, the bin's scores count alike.
        """
        total, positives = sum(self.counts), sum(self.positives)
        if not positives:
            return None
        found, left = 0.0, TOP * total
        for count, those in self._highest_first():
            if count >= left:
                return (found + those * left / count) / (TOP * positives)
            found, left = found + those, left - count
        return found / (TOP * positives)

    def _highest_first(self) -> Iterator[tuple[int, int]]:
        for place in range(BINS - 1, -1, -1):
            if self.counts[place]:
                yield self.counts[place], self.positives[place]
