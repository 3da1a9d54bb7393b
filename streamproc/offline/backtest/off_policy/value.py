"""A policy's value by each estimator, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from streamproc.offline.backtest.judging import Estimate, Numbers, resampled_together
from streamproc.offline.backtest.off_policy.bernstein import Bound, bound_of
from streamproc.offline.backtest.off_policy.estimators import (
    Terms,
    direct,
    doubly_robust,
    ips,
    snips,
    switched,
)
from streamproc.offline.backtest.off_policy.floor import Floor, effective_size
from streamproc.offline.backtest.off_policy.logged import Logged
from streamproc.offline.backtest.off_policy.reward_model import means_of, strength_of
from streamproc.offline.backtest.off_policy.switching import limit_of
from streamproc.offline.backtest.off_policy.target import Target

ESTIMATORS = {"ips": ips, "snips": snips, "direct": direct, "doubly_robust": doubly_robust}
"""Those that need nothing but the terms, by their names in `PolicyValue`."""


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """What a policy is worth per decision.

    Attributes:
        policy: its name.
        decisions: logged decisions.
        effective: how many cases the estimate rests on: (Σw)² / Σw².
        ips, snips, direct, doubly_robust, switched: the estimates; None if refused.
        bound: the bound on the value by inverse propensity.
        limit: from which weight on `switched` believes the model.
        refused: why there is no estimate.
    """

    policy: str
    decisions: int
    effective: float
    ips: Estimate | None = None
    snips: Estimate | None = None
    direct: Estimate | None = None
    doubly_robust: Estimate | None = None
    switched: Estimate | None = None
    bound: Bound | None = None
    limit: float | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How a policy is valued.

    Attributes:
        floor: what an estimate must rest on.
        limit: from which weight on switch believes the model; None: the log says it.
        most_weight: the largest weight that is possible; None: what the policy says, or the largest one seen.
    """

    floor: Floor = field(default_factory=Floor)
    limit: float | None = None
    most_weight: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a reward model of somebody else's says of each decision, cross-fitted; both of shape (n,).

    Attributes:
        said: the reward that it expects of what was done.
        expected: the reward that it expects under the policy.
    """

    said: Numbers
    expected: Numbers


def value_of(logged: Logged, target: Target, asked: Asked | None = None, answers: Answers | None = None) -> PolicyValue:
    """The value of a policy on a log, with the means of the log as the reward model, or with these answers.

    The means are taken again in each resample, so that the intervals hold their uncertainty; how strongly they are
    drawn to the overall mean, and the limit of switch, are those of the whole log. Answers stay as they are: then the
    direct value has no interval, as it would not hold the model's uncertainty. Those of the others hold, as what is
    cross-fitted does not count to first order (Chernozhukov et al. 2018).

    Raises:
        ValueError: `most_weight` is below a weight that was seen.
    """
    asked = asked or Asked()
    weights = target.chances / logged.propensities
    effective = effective_size(weights)
    if refused := asked.floor.refusal(effective, len(logged)):
        return PolicyValue(target.name, len(logged), effective, refused=refused)
    terms_of = partial(_terms, logged, target, weights, strength_of(logged) if answers is None else answers)
    once = terms_of(np.ones(len(logged)))
    limit = limit_of(once) if asked.limit is None else asked.limit

    def estimated(counts: Numbers) -> list[float | None]:
        terms = terms_of(counts)
        return [*(each(terms, counts) for each in ESTIMATORS.values()), switched(terms, counts, limit)]

    most = asked.most_weight or target.most_weight or float(weights.max())
    bound = bound_of(weights * logged.rewards, most)
    five = _five(resampled_together(len(logged), estimated))
    found = PolicyValue(target.name, len(logged), effective, *five, bound, limit)
    return found if answers is None else replace(found, direct=Estimate(five[2].value))


def _five(estimates: Sequence[Estimate]) -> tuple[Estimate, Estimate, Estimate, Estimate, Estimate]:
    first, second, third, fourth, fifth = estimates
    return first, second, third, fourth, fifth


def _terms(logged: Logged, target: Target, weights: Numbers, model: float | Answers, counts: Numbers) -> Terms:
    """By the answers, or by means of this strength."""
    if isinstance(model, Answers):
        return Terms(logged.rewards, weights, model.said, model.expected)
    means = means_of(logged, counts, model)
    return Terms(logged.rewards, weights, means[logged.cells], target.expected(means))
