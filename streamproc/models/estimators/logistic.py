"""Scaled logistic regression, learned one example at a time.

Source: L. Bottou, "Stochastic Gradient Descent Tricks" (2012), as in `river.linear_model.LogisticRegression`.
"""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING

from streamproc.customer.declared.counting import is_declared
from streamproc.customer.features import FEATURES
from streamproc.models.in_part import in_part
from streamproc.models.snapshot_error import SnapshotError
from streamproc.models.vectors import IS, is_category

if TYPE_CHECKING:
    from river.compose import Pipeline

STEPS = ("StandardScaler", "LogisticRegression")
MAX_CATEGORIES = 100
"""So many values of each trait are told apart; those that come later count as none of them."""
BOUND = 1e4
"""Features are cut at plus and minus this value before they are scaled."""


def new_model(learning_rate: float, l2: float) -> "Pipeline":
    """An untrained model. River takes a second to load: only who has a model waits for it."""
    with in_part():
        from river.linear_model.log_reg import LogisticRegression  # noqa: PLC0415
        from river.optim.sgd import SGD  # noqa: PLC0415
        from river.preprocessing.scale import StandardScaler  # noqa: PLC0415

    return StandardScaler() | LogisticRegression(optimizer=SGD(learning_rate), l2=l2, intercept_lr=learning_rate)


def require_logistic(model: "Pipeline") -> "Pipeline":
    """The model, if it scores as `new_model`'s do, after whatever it has learned.

    Raises:
        SnapshotError: it has other steps, a feature that this release does not know, or a number that is none.
    """
    steps = [(name, type(step).__name__) for name, step in getattr(model, "steps", {}).items()]
    if steps != [(name, name) for name in STEPS]:
        found = " | ".join(kind for _, kind in steps) or type(model).__name__
        raise SnapshotError(f"the model is {' | '.join(STEPS)}, this is {found}")
    scaler, regression = model.steps.values()
    tables = (scaler.counts, scaler.means, scaler.vars, regression.weights)
    require_known(name for table in tables for name in table)
    if not all(isfinite(number) for table in tables for number in (*table.values(), regression.intercept)):
        raise SnapshotError("it has numbers that are not finite: its scores would mean nothing")
    return model


def require_known(features: Iterable[str]) -> None:
    """Look whether this release has what a model has learned from; declared features come and go.

    Raises:
        SnapshotError: it does not.
    """
    in_code = {name for name in features if not is_declared(name) and not is_category(name)}
    if unknown := sorted(in_code - FEATURES.keys()):
        raise SnapshotError(f"it has learned from features that this release does not have: {', '.join(unknown)}")


def learn(model: "Pipeline", features: Mapping[str, float], label: float) -> None:
    """One step of learning; changes the model."""
    known = bounded(features)
    categories = [name for name in known if IS in name]
    if not categories:
        model.learn_one(known, bool(label))
        return
    scaler, regression = model["StandardScaler"], model["LogisticRegression"]
    numbers = {name: value for name, value in known.items() if IS not in name}
    scaler.learn_one(numbers)
    chosen = {name: 1.0 for name in categories if _has_room(name, regression.weights)}
    regression.learn_one(scaler.transform_one(numbers) | chosen, bool(label))


def _has_room(category: str, weights: Mapping[str, float]) -> bool:
    """Whether a category is known, or one more of its trait can be."""
    if category in weights:
        return True
    trait = category.partition(IS)[0] + IS
    return sum(name.startswith(trait) for name in weights) < MAX_CATEGORIES


def bounded(features: Mapping[str, float]) -> dict[str, float]:
    """Features within plus and minus `BOUND`; what is no number counts as 0."""
    return {name: value if -BOUND <= value <= BOUND else _cut(value) for name, value in features.items()}


def _cut(value: float) -> float:
    return max(-BOUND, min(BOUND, value)) if isfinite(value) else 0.0
