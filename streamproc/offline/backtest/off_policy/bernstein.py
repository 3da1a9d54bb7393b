"""A bound on the value by inverse propensity that holds for any number of decisions.

Source: Maurer and Pontil (2009), theorem 4: of n independent terms between 0 and b with sample variance v, the mean is
off by at most √(2 v ln(2/δ) / n) + 7 b ln(2/δ) / (3 (n - 1)) to one side, with a probability of at least 1 - δ.

It assumes that decisions are independent and that no term can be above b, which is the largest weight times 1, the
largest reward. If b is only the largest weight that was seen, the bound is as good as that.
"""

from dataclasses import dataclass
from math import log, sqrt

from streamproc.offline.backtest.judging import Numbers

DELTA = 0.025
"""What may be missed on each side: 95 % between the bounds."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Between which values the mean is, and the largest possible term that this rests on."""

    low: float
    high: float
    largest: float


def bound_of(terms: Numbers, largest: float, delta: float = DELTA) -> Bound:
    """The bound for terms between 0 and `largest`, shape (n,); no wider than that.

    Raises:
        ValueError: a term is above `largest`.

    >>> import numpy as np
    >>> found = bound_of(np.full(1_000, 0.5), 1.0)
    >>> round(found.low, 4), round(found.high, 4)
    (0.4898, 0.5102)
    """
    count, seen = len(terms), float(terms.max(initial=0.0))
    if seen > largest:
        raise ValueError(f"a weight of {seen:,.1f} was seen, so {largest:,.1f} is not the largest one")
    if count < 2:  # noqa: PLR2004  no variance
        return Bound(0.0, largest, largest)
    mean, tail = float(terms.mean()), log(2 / delta)
    off = sqrt(2 * float(terms.var(ddof=1)) * tail / count) + 7 * largest * tail / (3 * (count - 1))
    return Bound(max(0.0, mean - off), min(largest, mean + off), largest)
