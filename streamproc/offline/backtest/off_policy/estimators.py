"""The estimates of a policy's value per decision; each counts every decision as often as it is told (bootstrap).

| | formula | right if |
| --- | --- | --- |
| IPS | mean of w r | propensities are right |
| SNIPS | Σ w r / Σ w | propensities are right and decisions are many |
| direct | mean of q(policy) | the reward model is right |
| doubly robust | mean of q(policy) + w (r - q(done)) | either is right |
| switch | as doubly robust, with w = 0 above a limit | as doubly robust, and the model above it |

w is the policy's chance of what was done over its propensity, r the reward, q the reward model. Sources: Horvitz and
Thompson (1952); Swaminathan and Joachims (2015); Dudík, Langford and Li (2011) for the direct method and the doubly
robust one; Wang, Agarwal and Dudík (2017) for switch.
"""

from dataclasses import dataclass

import numpy as np

from streamproc.offline.backtest.judging import Numbers


@dataclass(frozen=True, slots=True)
class Terms:
    """What each decision has to say; each of shape (n,).

    Attributes:
        rewards: what came of it.
        weights: the policy's chance of what was done over its propensity.
        said: the reward that the model expects of what was done.
        expected: the reward that the model expects under the policy.
    """

    rewards: Numbers
    weights: Numbers
    said: Numbers
    expected: Numbers


def ips(terms: Terms, counts: Numbers) -> float:
    """By inverse propensity."""
    return _mean(terms.rewards * terms.weights, counts)


def snips(terms: Terms, counts: Numbers) -> float | None:
    """By inverse propensity, over the sum of the weights; None if that is 0."""
    weights = terms.weights * counts
    total = float(weights.sum())
    return float((terms.rewards * weights).sum()) / total if total else None


def direct(terms: Terms, counts: Numbers) -> float:
    """By the reward model alone."""
    return _mean(terms.expected, counts)


def doubly_robust(terms: Terms, counts: Numbers) -> float:
    """By the reward model, mended by what came otherwise than it said."""
    return _mean(corrected(terms), counts)


def switched(terms: Terms, counts: Numbers, limit: float) -> float:
    """As doubly robust, but where a weight is above the limit the model alone is believed."""
    return _mean(corrected(terms, limit), counts)


def corrected(terms: Terms, limit: float = np.inf) -> Numbers:
    """What each decision adds to the doubly robust estimate, with weights above the limit taken as 0; shape (n,)."""
    weights = np.where(terms.weights <= limit, terms.weights, 0.0)
    return terms.expected + weights * (terms.rewards - terms.said)


def _mean(values: Numbers, counts: Numbers) -> float:
    return float((values * counts).sum() / counts.sum())
