"""What River's Bayesian regression holds, which it tells nobody: to write it, to read it, and to score without it.

Only this file knows the names of its insides (`tests/runtime/leaned_on.py` says when they change).
"""

from typing import TYPE_CHECKING, NamedTuple

from streamproc.models.in_part import in_part

if TYPE_CHECKING:
    from river.linear_model.bayesian_lin_reg import BayesianLinearRegression


class Held(NamedTuple):
    """A regression as plain numbers.

    Attributes:
        precision: one by the variance of the noise.
        inputs: the names of its inputs, in the order of their places.
        places: how many there are room for; squares have so many rows.
        counted: the posterior's precision, row by row.
        covariance: its inverse as River keeps it, row by row.
        gained: what its mean follows from.
    """

    precision: float
    inputs: list[str]
    places: int
    counted: list[float]
    covariance: list[float]
    gained: list[float]

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """The covariance as a square."""
        return tuple(tuple(self.covariance[at : at + self.places]) for at in range(0, self.places**2, self.places or 1))


def new_regression(precision: float) -> "BayesianLinearRegression":
    """Nothing learned. River's `alpha` counts once as a variance and once as its inverse, so it stays 1."""
    with in_part():
        from river.linear_model.bayesian_lin_reg import (  # noqa: PLC0415  see `logistic.new_model`
            BayesianLinearRegression,
        )

    return BayesianLinearRegression(alpha=1.0, beta=precision)


def inputs_of(regression: "BayesianLinearRegression") -> set[str]:
    """The names of what it has learned from."""
    return set(regression._idx)  # noqa: SLF001


def held_by(regression: "BayesianLinearRegression") -> Held:
    """What a regression holds; its mean follows from that."""
    return Held(
        float(regression.beta),
        list(regression._idx),  # noqa: SLF001  see above, and below
        regression._cap,  # noqa: SLF001
        regression._ss_arr.ravel().tolist(),  # noqa: SLF001
        regression._ss_inv_arr.ravel().tolist(),  # noqa: SLF001
        regression._eta_arr.tolist(),  # noqa: SLF001
    )


def regression_of(held: Held) -> "BayesianLinearRegression":
    """The regression as it was: it goes on to the last bit as if it had never been written."""
    import numpy as np  # noqa: PLC0415  whoever only scores does not need it

    made, square = new_regression(held.precision), (held.places, held.places)
    made._idx = {name: place for place, name in enumerate(held.inputs)}  # noqa: SLF001
    made._cap = held.places  # noqa: SLF001
    made._ss_arr = np.array(held.counted, dtype=np.float64).reshape(square)  # noqa: SLF001
    made._ss_inv_arr = np.array(held.covariance, dtype=np.float64).reshape(square).copy(order="F")  # noqa: SLF001
    made._eta_arr = np.array(held.gained, dtype=np.float64)  # noqa: SLF001
    made._m_dirty = True  # noqa: SLF001
    return made
