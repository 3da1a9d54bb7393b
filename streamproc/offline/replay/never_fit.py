"""Comparisons of traits that fitted nobody's, because the trait is of another kind: text is never at least 18.

Such a condition is never true and no mistake of the file, so only what customers really have can tell.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from streamproc.customer.state import Customer
from streamproc.decide.conditions import Condition
from streamproc.decide.plan import Plan
from streamproc.decide.states import decode_state
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.offline.replay.states import all_states

NUMBER, FLAG, TEXT = "a number", "true or false", "text"


@dataclass(frozen=True, slots=True)
class NeverFits:
    """A comparison that fitted nobody.

    Attributes:
        where: the tag, segment, trigger or offer.
        trait: what it compares.
        wanted: with what kind of value.
        found: what kind customers have.
        customers: how many have the trait.
    """

    where: str
    trait: str
    wanted: str
    found: str
    customers: int


def comparisons_that_never_fit(plan: Plan, states: Path) -> list[NeverFits]:
    """Those of the plan, judged by the customers that a replay has left.

    Raises:
        ReplayError: the file holds no states.
    """
    asked = [(where, leaf) for where, conditions in _places(plan) for leaf in _leaves(conditions)]
    traits = {leaf.trait for _, leaf in asked}
    kinds = _kinds(traits, states) if traits else Counter()
    never = []
    for where, leaf in asked:
        having = {kind: count for (trait, kind), count in kinds.items() if trait == leaf.trait}
        wanted = _wanted(leaf)
        if having and not wanted & having.keys():
            found = max(having, key=lambda kind: having[kind])
            never.append(NeverFits(where, leaf.trait or "", " or ".join(sorted(wanted)), found, sum(having.values())))
    return never


def _places(plan: Plan) -> Iterator[tuple[str, Iterable[Condition]]]:
    yield from ((f"tag {tag.name}", tag.where) for tag in plan.tags.tag)
    yield from ((f"segment {segment.name}", segment.where) for segment in plan.segments.segment)
    yield from ((f"trigger {trigger.name}", trigger.where) for trigger in plan.triggers.trigger)
    yield from ((f"journey {journey.name}", journey.conditions) for journey in plan.journeys.journey)
    yield from ((f"offer {offer.id}", offer.where) for offer in plan.offers.offer)


def _leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The comparisons of traits in some trees of conditions."""
    for each in conditions:
        yield from _leaves(each.parts)
        if each.trait is not None and each.known is None:
            yield each


def _kinds(traits: set[str | None], states: Path) -> Counter[tuple[str, str]]:
    """How many customers have each trait as each kind of value."""
    found: Counter[tuple[str, str]] = Counter()
    for topic, _, _, value in all_states(states):
        state = decode_state(value) if topic == DECIDE_STATE_TOPIC else None
        had = state.traits.items() if isinstance(state, Customer) else ()
        found.update((name, _kind(said)) for name, said in had if name in traits and said is not None)
    return found


def _wanted(leaf: Condition) -> set[str]:
    """Of which kind a value must be; several if it may be one of several values."""
    if leaf.one_of is not None:
        return {_kind(value) for value in leaf.one_of}
    return {NUMBER if leaf.equals is None else _kind(leaf.equals)}


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return FLAG
    return NUMBER if isinstance(value, int | float) else TEXT
