"""The reward model of the Open Bandit Dataset's published example: clicks by features of the user and of the item.

For each position a logistic regression (`logistic.py`, penalty 1) of the click on the user's four features, one column
for each value but the first, and the item's four, of which three are codes taken as numbers. It is cross-fitted: the
log is shuffled (NumPy's legacy generator, seed 12345) and cut into three, and what is said of a third comes from a
model of the other two (Chernozhukov et al. 2018), so that no decision speaks for itself.

How it was found: .003545 by the direct method and .004727 doubly robust are reported of Thompson sampling on the random
log. The means of the log itself give .003835 and .004727; this model, as the published example describes it, gives both
to the digit, while two or four folds, or none, give .003566, .003633 and .003654. Nothing was tuned.
"""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from streamproc.offline.backtest.judging import Numbers, numbers
from streamproc.offline.backtest.off_policy.logged import Indices, Logged
from streamproc.offline.backtest.off_policy.target import Target
from streamproc.offline.backtest.off_policy.value import Answers
from streamproc.offline.decision_logs.log_error import LogError
from streamproc.offline.decision_logs.logistic import chances, fit
from streamproc.offline.decision_logs.open_bandit import POSITIONS
from streamproc.offline.dumps.gzipped import open_to_read

FOLDS, SEED = 3, 12_345
USER, ITEM = "user_feature_", ("feature_1", "feature_2", "feature_3", "feature_0")


def read_users(path: Path) -> Numbers:
    """Of each decision the user's features, 1 for the value it has; shape (n, values less one of each feature).

    Without columns `user_feature_…`, or if nobody differs in them, there is none: shape (n, 0).
    """
    with open_to_read(path) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        names = [name for name in rows.fieldnames or () if name.startswith(USER)]
        features = np.asarray([[row[name] or "" for name in names] for row in rows])
    columns = [column == value for column in features.T for value in np.unique(column)[1:]]
    return np.column_stack(columns).astype(np.float64) if columns else np.empty((len(features), 0))


def read_items(path: Path) -> Numbers:
    """A table of `item_id` (0, 1, 2, …) with `feature_0` to `feature_3`, all numbers; shape (items, 4).

    Raises:
        LogError: it is no such table: says in which line.
    """
    found: list[list[float]] = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                item, features = int(row["item_id"]), [float(row[name]) for name in ITEM]
            except (KeyError, TypeError, ValueError) as error:
                raise LogError([f"{path}:{line}: write item_id,feature_0,…,feature_3 ({error})"]) from error
            if item != len(found):
                raise LogError([f"{path}:{line}: items are 0, 1, 2, …"])
            found.append(features)
    return numbers(found)  # type: ignore[arg-type]


class ClickModel:
    """What the cross-fitted model says of each item in each decision, at the decision's position.

    Args:
        users: shape (n, d).
        items: shape (items, 4).
    """

    def __init__(self, logged: Logged, users: Numbers, items: Numbers) -> None:
        self._item, self._position = logged.cells // POSITIONS, logged.cells % POSITIONS
        self._said = np.empty((len(logged), len(items)))
        features = np.column_stack([users, items[self._item]])
        for learned, told in folds(len(logged)):
            for position in range(POSITIONS):
                train = learned[self._position[learned] == position]
                test = told[self._position[told] == position]
                weights = fit(features[train], logged.rewards[train])
                of_user, of_item = users[test] @ weights[: users.shape[1]], items @ weights[users.shape[1] : -1]
                self._said[test] = chances(of_user[:, None] + of_item[None, :] + weights[-1])

    def answers(self, target: Target) -> Answers:
        """What it expects of what was done, and under a policy."""
        rows, items = np.arange(len(self._said)), self._said.shape[1]
        by_situation = np.zeros((target.of_situation.max() + 1, items * POSITIONS))
        np.add.at(by_situation, (target.of_situation, target.of_cell), target.of_chance)
        by_decision = by_situation.reshape(-1, items, POSITIONS)[target.situations, :, self._position]
        return Answers(said=self._said[rows, self._item], expected=(self._said * by_decision).sum(axis=1))


def folds(count: int) -> Iterator[tuple[Indices, Indices]]:
    """The decisions to learn from and those to tell of, for each fold."""
    shuffled = np.arange(count)
    np.random.RandomState(SEED).shuffle(shuffled)
    for told in np.array_split(shuffled, FOLDS):
        yield np.setdiff1d(shuffled, told), np.sort(told)
