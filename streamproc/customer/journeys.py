"""Where a customer is on journeys, as it is kept in a state."""

from collections.abc import Callable
from typing import Any, NamedTuple

MAX_JOURNEYS = 8
"""So many journeys a customer can be on at once; one more does not begin."""

INTERRUPTED = ""
"""The definition of a journey of which a release that knows no journeys may have missed what happened."""


class JourneyInstance(NamedTuple):
    """One journey of a customer, about one cart, order or other occasion.

    Attributes:
        journey: its name.
        key: what it is about: the correlation of the trigger that it began with.
        definition: the digest of the definition that it began with (`Customer.journey_texts`).
        step: the step that it is at, from 0.
        due_ms: when that step is looked at next (epoch ms).
        started_ms, ends_ms: when it began, and when it ends at the latest.
        message: the id of the trigger that was sent last, at first that which began it.
        sent: a bit for each step whose message was sent.
        is_refused: the policy has refused the journey's last message.
    """

    journey: str
    key: str
    definition: str
    step: int
    due_ms: int
    started_ms: int
    ends_ms: int
    message: str
    sent: int = 0
    is_refused: bool = False


JourneyInstances = tuple[JourneyInstance, ...]


def journeys_united(one: JourneyInstances, two: JourneyInstances) -> JourneyInstances:
    """The journeys of two who turn out to be one; of one that both are on that which has come further.

    There may be more than fit: which of them end is decided, and told, by whoever decides.
    """
    found: dict[tuple[str, str], JourneyInstance] = {}
    for each in (*one, *two):
        name = each.journey, each.key
        known = found.get(name, each)
        further = max(known, each, key=_progress)
        is_alike = known.definition == each.definition
        found[name] = further._replace(sent=known.sent | each.sent) if is_alike else further
    return tuple(sorted(found.values(), key=lambda each: (each.started_ms, each.journey, each.key)))


def rekeyed(instances: JourneyInstances, new: Callable[[str], str]) -> JourneyInstances:
    """The same about what has another name now."""
    return tuple(each._replace(key=new(each.key)) for each in instances)


def _progress(instance: JourneyInstance) -> tuple[Any, ...]:
    return instance.sent.bit_count(), instance.step, instance
