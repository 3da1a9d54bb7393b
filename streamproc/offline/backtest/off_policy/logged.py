"""A log of decisions, as the estimators read it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamproc.offline.backtest.judging import Numbers

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Logged:
    """n decisions: what was done, how likely it was, what came of it.

    A cell is what the reward is thought to depend on: an action, or an action at a position.

    Attributes:
        rewards: what came of each, between 0 and 1; shape (n,).
        propensities: how likely what was done was when it was done, above 0; shape (n,).
        cells: which cell that is, from 0; shape (n,).
        cell_count: how many cells there are.

    Raises:
        ValueError: a propensity is not above 0, or a reward not between 0 and 1.
    """

    rewards: Numbers
    propensities: Numbers
    cells: Indices
    cell_count: int

    def __post_init__(self) -> None:
        if len(self.propensities) and self.propensities.min() <= 0:
            raise ValueError("a logged action had the probability 0: the log's propensities are wrong")
        if len(self.rewards) and not (self.rewards.min() >= 0 and self.rewards.max() <= 1):
            raise ValueError("a reward is not between 0 and 1")

    def __len__(self) -> int:
        return len(self.rewards)
