"""What another policy would have earned, from a log with known probabilities: IPS and SNIPS.

Sources: Horvitz and Thompson (1952) for inverse propensity scoring, Swaminathan and Joachims (2015) for its
self-normalised form, Kish (1965) for the effective sample size. An estimate that rests on too few cases is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from streamproc.offline.backtest.judging import Estimate, Numbers, numbers, resampled

FLOOR_RATIO = 0.01
FLOOR_COUNT = 100


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """What a policy is worth per decision.

    Attributes:
        decisions: logged decisions.
        effective: how many cases the estimate rests on: (Σw)² / Σw².
        ips, snips: the two estimates; None if refused.
        refused: why there is no estimate.
    """

    policy: str
    decisions: int
    effective: float
    ips: Estimate | None
    snips: Estimate | None
    refused: str | None


def value_of(
    policy: str, rewards: Sequence[float], propensities: Sequence[float], chances: Sequence[float]
) -> PolicyValue:
    """The value of a policy that would have chosen the logged action with `chances`.

    Args:
        policy: its name.
        rewards: what came of each logged action.
        propensities: how likely the logged action was when it was chosen; above 0.
        chances: how likely the same action would have been under the policy.

    Raises:
        ValueError: a propensity is not above 0, so the log cannot say anything about it.
    """
    reward, propensity = numbers(rewards), numbers(propensities)
    if len(propensity) and propensity.min() <= 0:
        raise ValueError("a logged action had the probability 0: the log's propensities are wrong")
    weights = numbers(chances) / propensity if len(propensity) else numbers([])
    effective = _effective(weights)
    floor = max(FLOOR_COUNT, FLOOR_RATIO * len(reward))
    if effective < floor:
        reason = (
            f"the estimate would rest on {effective:,.0f} decisions of {len(reward):,}; at least {floor:,.0f} "
            "are needed: "
            "log more decisions, or more of them at random (epsilon)"
        )
        return PolicyValue(policy, len(reward), effective, None, None, reason)
    gained = reward * weights
    ips = resampled(len(reward), lambda counts: float((gained * counts).sum() / counts.sum()))
    snips = resampled(len(reward), lambda counts: _ratio(gained * counts, weights * counts))
    return PolicyValue(policy, len(reward), effective, ips, snips, None)


def _effective(weights: Numbers) -> float:
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _ratio(gained: Numbers, weights: Numbers) -> float | None:
    total = float(weights.sum())
    return float(gained.sum()) / total if total else None
