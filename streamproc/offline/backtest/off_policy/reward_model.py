"""The reward of each cell: its mean, drawn towards the overall mean by as much as the log says.

A cell with few decisions has a mean that is mostly chance. It counts n / (n + k), the overall mean the rest, where k is
the variance within cells over the variance between them (Bühlmann and Straub 1970, credibility; the moment estimates
are those of a one-way analysis of variance, Searle 1971). Cells that differ by no more than chance explains get k = ∞:
the overall mean for all. Nothing is to be set, and k does not look at the policy that is valued.
"""

from math import inf

import numpy as np

from streamproc.offline.backtest.judging import Numbers
from streamproc.offline.backtest.off_policy.logged import Logged


def strength_of(logged: Logged) -> float:
    """How many decisions of a cell weigh as much as the overall mean (k): 0 takes means as they are, ∞ not at all."""
    taken = np.bincount(logged.cells, minlength=logged.cell_count).astype(np.float64)
    cells, total = int((taken > 0).sum()), float(taken.sum())
    spread = total - float((taken**2).sum()) / total if total else 0.0
    if not 1 < cells < total or not spread:
        return inf
    plain = means_of(logged, np.ones(len(logged)), 0.0)
    within = float(((logged.rewards - plain[logged.cells]) ** 2).sum()) / (total - cells)
    between = float((taken * (plain - logged.rewards.mean()) ** 2).sum())
    variance = (between - (cells - 1) * within) / spread
    return within / variance if variance > 0 else inf


def means_of(logged: Logged, counts: Numbers, strength: float) -> Numbers:
    """The reward of each cell, with each decision counted `counts` times; shape (cell_count,).

    A cell that nobody was in has the overall mean.
    """
    size = logged.cell_count
    taken = np.bincount(logged.cells, counts, minlength=size)
    earned = np.bincount(logged.cells, counts * logged.rewards, minlength=size)
    overall = float(earned.sum() / taken.sum())
    own = np.divide(earned, taken, out=np.full(size, overall), where=taken > 0)
    share = taken / (taken + strength) if strength else np.ones(size)
    means: Numbers = overall + share * (own - overall)
    return means
