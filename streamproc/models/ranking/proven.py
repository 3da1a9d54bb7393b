"""Whether learned suggestions have found more than simple ones: while they have not, the simple ones are made.

Source: follow the leader, N. Cesa-Bianchi and G. Lugosi, "Prediction, Learning, and Games" (2006), of what is fading.
"""

from collections.abc import Sequence

from streamproc.models.ranking.candidates import Candidate

FADING_BASKETS = 1_000
"""After so many baskets what was found counts 1/e."""


class Proven:
    """How much more the learned suggestions found than the simple ones, lately: hits and recall, of each basket."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead

    @property
    def learned(self) -> bool:
        """Whether the learned suggestions found at least as much."""
        return self.ahead >= 0

    def learn(self, learned: Sequence[Candidate], simple: Sequence[Candidate], bought: frozenset[str]) -> None:
        """A basket, and what both had suggested before it."""
        self.ahead += _found(learned, bought) - _found(simple, bought) - self.ahead / FADING_BASKETS


def _found(suggested: Sequence[Candidate], bought: frozenset[str]) -> float:
    right = sum(candidate.sku in bought for candidate in suggested)
    return (right > 0) + right / len(bought)
