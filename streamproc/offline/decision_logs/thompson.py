"""How likely Bernoulli Thompson sampling shows each item at each position: by simulation.

The policy draws of each item's Beta(alpha, beta) one click rate and shows the items with the highest ones, the best at
position 1, the next at 2, and so on (Thompson 1933; Chapelle and Li 2011). There is no formula for the chances of 80
items, so the draws are counted. The policy of the Open Bandit Dataset did the same with the priors of
`data/open_bandit_bts_prior.csv`, before the log began; it learned on while it logged, which these chances do not.

100,000 draws of NumPy's legacy generator with the seed 12345 are the published example's, so that its numbers come out
again. Another seed moves them by the simulation's error, which `parts` tell.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamproc.offline.backtest.judging import Numbers, numbers
from streamproc.offline.backtest.off_policy.logged import Indices, Logged
from streamproc.offline.decision_logs.log_error import LogError
from streamproc.offline.decision_logs.open_bandit import POSITIONS

DRAWS, SEED, PARTS = 100_000, 12_345, 10


@dataclass(frozen=True, slots=True)
class Prior:
    """Of each item: as if so many clicks (`alpha`) and views without one (`beta`) had been seen; shape (items,)."""

    alpha: Numbers
    beta: Numbers


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the draws gave.

    Attributes:
        parts: the chances by each tenth of the draws; shape (PARTS, items, POSITIONS).
        draws: how many draws there were in all.
    """

    parts: Numbers
    draws: int

    @property
    def chances(self) -> Numbers:
        """By all draws; shape (items, POSITIONS), each position adds up to 1."""
        mean: Numbers = self.parts.mean(axis=0)
        return mean

    def error_of_ips(self, logged: Logged) -> float:
        """By how much the value by inverse propensity is off because the draws are finite: one standard error.

        The value is linear in the chances, so that it is the mean of those by each part of the draws.
        """
        worth = logged.rewards / logged.propensities
        values = [float((part.ravel()[logged.cells] * worth).mean()) for part in self.parts]
        error: float = np.std(values, ddof=1) / PARTS**0.5
        return error


def read_prior(path: Path) -> Prior:
    """A table with the columns `item_id` (0, 1, 2, …), `alpha`, `beta`.

    Raises:
        LogError: it is no such table: says in which line.
        OSError: it cannot be opened.
    """
    alpha: list[float] = []
    beta: list[float] = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                item, a, b = int(row["item_id"]), float(row["alpha"]), float(row["beta"])
            except (KeyError, TypeError, ValueError) as error:
                raise LogError([f"{path}:{line}: write item_id,alpha,beta ({error})"]) from error
            if item != len(alpha) or not (a > 0 and b > 0):
                raise LogError([f"{path}:{line}: items are 0, 1, 2, …, and alpha and beta above 0"])
            alpha.append(a)
            beta.append(b)
    return Prior(numbers(alpha), numbers(beta))


def simulate(prior: Prior, draws: int = DRAWS, seed: int = SEED) -> Simulated:
    """Draw so often (a multiple of `PARTS`) and count who is first, second and third."""
    stream = np.random.RandomState(seed)
    items, size = len(prior.alpha), draws // PARTS
    parts = np.empty((PARTS, items, POSITIONS))
    for number in range(PARTS):
        for position, shown in enumerate(_best(stream.beta(prior.alpha, prior.beta, (size, items)))):
            parts[number, :, position] = np.bincount(shown, minlength=items) / size
    return Simulated(parts, size * PARTS)


def _best(rates: NDArray[np.float64]) -> Iterator[Indices]:
    """Of each draw the item with the highest rate, then that with the next one, and so on."""
    rows = np.arange(len(rates))
    for _ in range(POSITIONS):
        best = rates.argmax(axis=1)
        yield best
        rates[rows, best] = -1.0
