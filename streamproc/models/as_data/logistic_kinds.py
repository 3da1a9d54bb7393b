"""The River objects of the model in `logistic.py`: scaled logistic regression, learned by gradient descent."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.linear import linear_shapes
from streamproc.models.as_data.shapes import Always, Name, Pairs, Real, Whole
from streamproc.models.in_part import in_part

with in_part():
    from river.compose.pipeline import Pipeline
    from river.linear_model.log_reg import LogisticRegression
    from river.optim.initializers import Zeros
    from river.optim.losses import Log
    from river.optim.schedulers import Constant
    from river.optim.sgd import SGD
    from river.preprocessing.scale import StandardScaler

_SUMS: Callable[[list[tuple[Any, Any]]], Any] = partial(defaultdict, float)

declare(
    Kind(
        Pipeline,
        {"steps": Pairs(Name(), part("StandardScaler", "LogisticRegression"), tuple)},
        read=lambda pipeline: {"steps": pipeline.steps},
        make=lambda held: Pipeline(*held["steps"]),  # what else it holds is derived from its steps
    ),
    Kind(
        StandardScaler,
        {
            "with_std": Always(only=True),
            "window_size": Always(None),
            "counts": Pairs(Name(), Whole(), lambda pairs: Counter(dict(pairs))),
            "means": Pairs(Name(), Real(), _SUMS),
            "vars": Pairs(Name(), Real(at_least=0), _SUMS),
        },
    ),
    Kind(LogisticRegression, linear_shapes("Log")),
    Kind(SGD, {"lr": part("Constant"), "n_iterations": Whole()}),
    Kind(Constant, {"learning_rate": Real(at_least=0)}),
    Kind(Log, {"weight_pos": Real(), "weight_neg": Real()}),
    Kind(Zeros, {"value": Always(0.0)}),
)
