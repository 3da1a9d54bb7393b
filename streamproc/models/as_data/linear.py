"""What River's linear models hold besides their loss."""

from collections.abc import Mapping

from streamproc.models.as_data.kinds import part
from streamproc.models.as_data.shapes import Always, Name, Pairs, Real, Shape
from streamproc.models.in_part import in_part

with in_part():
    from river.utils.vectordict import VectorDict


def linear_shapes(loss: str) -> Mapping[str, Shape]:
    """The shapes of a linear model that is learned by gradient descent."""
    return {
        "optimizer": part("SGD"),
        "loss": part(loss),
        "l2": Real(at_least=0),
        "l1": Always(0.0),  # with it, River keeps more attributes
        "intercept_init": Real(),
        "intercept": Real(),
        "intercept_lr": part("Constant"),
        "clip_gradient": Real(at_least=0),
        "initializer": part("Zeros"),
        "_weights": Pairs(Name(), Real(), lambda pairs: VectorDict(dict(pairs))),
        "_y_name": Always(None),
    }
