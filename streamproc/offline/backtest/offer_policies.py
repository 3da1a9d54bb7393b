"""Policies by which offers could have been chosen, and the offers of a log as the estimators read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any

import numpy as np

from streamproc.decide.offer_candidate import candidate
from streamproc.decide.offer_rule import OfferRule
from streamproc.offline.backtest.judging import numbers
from streamproc.offline.backtest.off_policy.logged import Logged
from streamproc.offline.backtest.off_policy.target import Target

Decision = Mapping[str, Any]
Policy = Callable[[Decision], Mapping[str, float]]
"""How likely a policy would have chosen each offer."""

AS_LOGGED, BEST, AT_RANDOM = "as logged", "always the best by expected_reward", "at random"


def policies_of(offers: Iterable[str], rules: Mapping[str, OfferRule]) -> dict[str, Policy]:
    """The logged one, the best by the shop's word, pure chance, and each offer whenever it may be made.

    The shop's word is `expected_reward`, or what it is worth with the offer's `margin` and `cost`.
    """

    def best(decision: Decision) -> str:
        candidates: Mapping[str, float] = decision["candidates"]
        return max(candidates, key=lambda offer: (_worth(rules.get(offer)), offer))

    policies: dict[str, Policy] = {
        AS_LOGGED: lambda decision: decision["candidates"],
        BEST: lambda decision: {best(decision): 1.0},
        AT_RANDOM: lambda decision: dict.fromkeys(decision["candidates"], 1 / len(decision["candidates"])),
    }
    for offer in sorted(offers):
        policies[whenever_possible(offer)] = lambda decision, offer=offer: {  # type: ignore[misc]
            offer if offer in decision["candidates"] else best(decision): 1.0
        }
    return policies


def whenever_possible(offer: str) -> str:
    """The name of the policy that always makes this offer."""
    return f"{offer} whenever possible"


class LoggedOffers:
    """Decisions about offers with what came of them; the reward is thought to depend on the offer.

    Attributes:
        decisions: as they were logged.
        log: the same as the estimators read them.
    """

    def __init__(self, decisions: Sequence[Decision], rewards: Sequence[float]) -> None:
        self.decisions = decisions
        offers = sorted({offer for decision in decisions for offer in (*decision["candidates"], decision["offer_id"])})
        self._cells = {offer: cell for cell, offer in enumerate(offers)}
        self.log = Logged(
            rewards=numbers(rewards),
            propensities=numbers([decision["propensity"] for decision in decisions]),
            cells=np.asarray([self._cells[decision["offer_id"]] for decision in decisions], dtype=np.intp),
            cell_count=len(offers),
        )

    def under(self, name: str, policy: Policy) -> Target:
        """How a policy would have chosen in these decisions."""
        mixes = [policy(decision) for decision in self.decisions]
        most = max((_most_weight(mix, one["candidates"]) for mix, one in zip(mixes, self.decisions, strict=True)))
        by_cell = [{self._cells[offer]: chance for offer, chance in mix.items()} for mix in mixes]
        return Target.of(name, by_cell, self.log.cells, most if most < inf else None)


def _most_weight(mix: Mapping[str, float], logged: Mapping[str, float]) -> float:
    """The largest weight of a choice; infinite if the log would never have made one that the policy makes."""
    return max((chance / logged[offer] if logged.get(offer) else inf for offer, chance in mix.items() if chance))


def _worth(rule: OfferRule | None) -> float:
    """By the shop's word; of an offer that the configuration does not name any more, less than of any other."""
    return -inf if rule is None else candidate(rule, {}).worth.mean
