"""The quantiles of a number: the model in `quantiles.py`, with River's regressions."""

from streamproc.models.as_data import logistic_kinds  # noqa: F401  it declares the scaler and the optimizer
from streamproc.models.as_data.kinds import Kind, declare, part
from streamproc.models.as_data.linear import linear_shapes
from streamproc.models.as_data.shapes import Name, Pairs, Real
from streamproc.models.estimators.quantiles import QuantileModel
from streamproc.models.in_part import in_part

with in_part():
    from river.linear_model.lin_reg import LinearRegression
    from river.optim.losses import Quantile

declare(
    Kind(QuantileModel, {"scaler": part("StandardScaler"), "levels": Pairs(Name(), part("LinearRegression"))}),
    Kind(LinearRegression, linear_shapes("Quantile")),
    Kind(Quantile, {"alpha": Real(at_least=0)}),
)
