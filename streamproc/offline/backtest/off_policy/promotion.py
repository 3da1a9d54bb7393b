"""Whether a policy may take the place of the one that logged: only if it is better even where it was lucky.

The champion is the policy that logged; its value is what it earned, which nobody has to estimate. A candidate is
promoted only if the lower ends of both its 95 % intervals are above that by more than a margin: that of SNIPS, by which
the report compares policies, and the empirical Bernstein bound, which holds for any number of decisions. What the log
would never have done counts as a reward of 0 in that bound, so it cannot speak for a candidate. Source: Thomas,
Theocharous and Ghavamzadeh (2015), "High Confidence Policy Improvement".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streamproc.offline.backtest.off_policy.value import PolicyValue

NOBODY_SAW = "nobody saw these offers, so the log only says who orders anyway"


@dataclass(frozen=True, slots=True)
class Champion:
    """What has to be beaten.

    Attributes:
        earned: the reward per decision of the policy that logged.
        margin: by how much more than that, in the unit of rewards.
        unseen: nobody saw what was chosen; then nothing is promoted.
    """

    earned: float
    margin: float = 0.0
    unseen: bool = False

    @property
    def must_exceed(self) -> float:
        """What a candidate's lower ends must be above."""
        return self.earned + self.margin


@dataclass(frozen=True, slots=True)
class Promotion:
    """Whether a policy may take the champion's place.

    Attributes:
        policy: the candidate's name.
        promoted: whether it may.
        low: the lower of its two lower ends; None if it is refused.
        must_exceed: what that must be above.
        reason: why it may, or may not.
    """

    policy: str
    promoted: bool
    low: float | None
    must_exceed: float
    reason: str


def promotion_of(value: PolicyValue, champion: Champion) -> Promotion:
    """Whether the policy of this value may take the champion's place."""
    ends = _lower_ends(value)
    low = min(ends.values()) if ends else None
    return Promotion(
        policy=value.policy,
        promoted=low is not None and not champion.unseen and low > champion.must_exceed,
        low=low,
        must_exceed=champion.must_exceed,
        reason=_reason(value, ends, champion),
    )


def _lower_ends(value: PolicyValue) -> Mapping[str, float]:
    """Both, or none."""
    snips, bound = value.snips, value.bound
    if snips is None or snips.low is None or bound is None:
        return {}
    return {"SNIPS": snips.low, "the Bernstein bound": bound.low}


def _reason(value: PolicyValue, ends: Mapping[str, float], champion: Champion) -> str:
    if not ends:
        return value.refused or "it has no interval"
    if champion.unseen:
        return NOBODY_SAW
    by, least = min(ends, key=lambda name: ends[name]), champion.must_exceed
    return f"its lower end by {by}, {ends[by]:.6f}, is {'above' if ends[by] > least else 'not above'} {least:.6f}"


def best_of(promotions: Iterable[Promotion]) -> Promotion | None:
    """Of those that may, the one with the highest lower end; None: none may."""
    return max((each for each in promotions if each.promoted), key=lambda each: each.low or 0.0, default=None)
