"""What to write into `offers.toml` so that a policy decides that was valued on a log."""

from collections.abc import Mapping
from math import ceil

import orjson

from streamproc.decide.offer_candidate import candidate
from streamproc.decide.offer_policies import OfferPolicy
from streamproc.decide.offer_policies.epsilon_greedy import EpsilonGreedy
from streamproc.decide.offer_rule import OfferRule
from streamproc.offline.backtest.offer_policies import AT_RANDOM, BEST, whenever_possible

STEPS = 100
"""An expected reward is written in hundredths."""
ABOUT_EPSILON = (
    "# With epsilon 0 it decides as it was valued. A small one, such as 0.05, keeps logging what other offers bring."
)


def block_of(name: str, current: OfferPolicy, rules: Mapping[str, OfferRule]) -> str | None:
    """The table `[policy]` for a policy by its name, in place of the current one; None: no table says it.

    An offer that is to be made whenever possible must be worth most by the shop's word: its new `expected_reward` is
    said below the table.
    """
    if name == AT_RANDOM:
        return _table(current, 1.0)
    if name == BEST:
        return f"{_table(current, 0.0)}{ABOUT_EPSILON}\n"
    for offer, rule in rules.items():
        if name == whenever_possible(offer):
            reward = _highest(rule, [each for each in rules.values() if each.id != offer])
            raised = f'# In [[offer]] id = "{offer}", worth most by the shop\'s word:\n# expected_reward = {reward}\n'
            return f"{_table(current, 0.0)}{ABOUT_EPSILON}\n{raised}"
    return None


def table_of(policy: OfferPolicy) -> str:
    """The table `[policy]` that says a way to choose: its kind, its own numbers, then what all ways have."""
    said = policy.model_dump() | {"kind": policy.kind}
    names = sorted(said, key=lambda name: (name != "kind", name in OfferPolicy.model_fields))
    lines = [f"{name} = {orjson.dumps(said[name]).decode()}" for name in names if said[name] is not None]
    return "\n".join(["[policy]", *lines, ""])


def _table(current: OfferPolicy, epsilon: float) -> str:
    """Without a model, `epsilon_greedy` goes by the shop's word; the occasions stay as they are."""
    return table_of(EpsilonGreedy(epsilon=epsilon, on=current.on, max_age_hours=current.max_age_hours))


def _highest(rule: OfferRule, others: list[OfferRule]) -> float:
    """The expected reward with which an offer is worth more than all others, or its own if it is already."""
    top = max((candidate(each, {}).worth.mean for each in others), default=0.0)
    if candidate(rule, {}).worth.mean > top:
        return rule.expected_reward
    return (ceil((top + rule.cost) / rule.margin * STEPS) + 1) / STEPS
