"""On how many decisions an estimate must rest.

Source: Kish (1965) for the effective sample size, (Σw)² / Σw²: as many decisions of equal weight would say as much.
"""

from dataclasses import dataclass

from streamproc.offline.backtest.judging import Numbers


@dataclass(frozen=True, slots=True)
class Floor:
    """The least effective sample size: so many decisions, and such a share of those logged."""

    decisions: float = 100
    share: float = 0.01

    def refusal(self, effective: float, logged: int) -> str | None:
        """Why an estimate is refused that rests on so many of the logged decisions; None: it is not."""
        least = max(self.decisions, self.share * logged)
        if effective >= least:
            return None
        return (
            f"the estimate would rest on {effective:,.0f} decisions of {logged:,}; at least {least:,.0f} "
            "are needed: log more decisions, or more of them at random (epsilon)"
        )


def effective_size(weights: Numbers) -> float:
    """The effective sample size of weights, shape (n,); 0 if all are 0."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
