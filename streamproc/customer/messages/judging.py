"""Which of what was told of a message a person did, and which a scanner that opens and follows everything."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streamproc.customer.messages.record import Action, SaidToBe, Told
from streamproc.events.times import SECOND_MS

MACHINE_MS = 2 * SECOND_MS
"""What is done this soon after the delivery a scanner does; so are links that are followed so soon after each other."""

MACHINE_LINKS = 3
"""So many different links nobody follows in that time."""

_BY_SOMEBODY = frozenset((Action.OPENED, Action.CLICKED, Action.UNSUBSCRIBED, Action.COMPLAINED))
_AT_DELIVERY = _BY_SOMEBODY - {Action.COMPLAINED}
_IN_BURST = frozenset((Action.CLICKED, Action.UNSUBSCRIBED))


class Burst(NamedTuple):
    """From when to when (epoch ms) so many different links were followed."""

    first_ms: int
    last_ms: int

    def holds(self, at_ms: int) -> bool:
        """Whether the links and this moment lie within the time that no person needs."""
        return max(self.last_ms, at_ms) - min(self.first_ms, at_ms) < MACHINE_MS


def by_persons(told: Sequence[Told]) -> tuple[bool, ...]:
    """Of each thing that was told, in the order of the times, whether a person did it, or it needs nobody.

    >>> delivered, opened = Told(0, Action.DELIVERED), Told(1999, Action.OPENED)
    >>> by_persons([opened]), by_persons([delivered, opened])
    ((True,), (True, False))
    """
    actions = [each.action for each in told]
    if _BY_SOMEBODY.isdisjoint(actions):
        return (True,) * len(told)
    delivered_ms = told[actions.index(Action.DELIVERED)].at_ms if Action.DELIVERED in actions else None
    bursts = tuple(_bursts(told)) if actions.count(Action.CLICKED) >= MACHINE_LINKS else ()
    return tuple([_is_a_person_s(each, delivered_ms, bursts) for each in told])


def _is_a_person_s(told: Told, delivered_ms: int | None, bursts: Sequence[Burst]) -> bool:
    if told.action not in _BY_SOMEBODY:
        return True
    if told.by != SaidToBe.ANYBODY:
        return told.by == SaidToBe.A_PERSON
    if told.action in _AT_DELIVERY and delivered_ms is not None and 0 <= told.at_ms - delivered_ms < MACHINE_MS:
        return False
    return not (told.action in _IN_BURST and any(burst.holds(told.at_ms) for burst in bursts))


def _bursts(told: Sequence[Told]) -> Iterator[Burst]:
    """The shortest times in which enough different links were followed."""
    clicks = [each for each in told if each.action == Action.CLICKED and each.link]
    for place, first in enumerate(clicks):
        links: set[int] = set()
        for each in clicks[place:]:
            links.add(each.link)
            if len(links) == MACHINE_LINKS:
                yield Burst(first.at_ms, each.at_ms)
                break
