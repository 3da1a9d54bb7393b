"""Who belongs to which segments: all their conditions at once, since each event of a customer asks every one.

A feature is computed once and placed among all limits that segments compare it with; what the place says of each
comparison was found out before, and stands in the bits of a number. So a segment is one look at that number.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, nextafter
from typing import NamedTuple

from streamproc.customer.features import Features
from streamproc.customer.tags import DAYS_TAGGED
from streamproc.decide.checks import Check
from streamproc.decide.conditions import Condition

Holds = Callable[[int], bool]
"""Whether conditions hold, by the bits of the comparisons that are true."""


class Ladder(NamedTuple):
    """A feature and its limits, ascending; by how many of them it has reached, the bits of what is then true of it."""

    name: str
    limits: tuple[float, ...]
    bits: tuple[int, ...]


class Segmented(NamedTuple):
    """A segment: the bits that must all be there, what else must hold, and the bit by which later ones ask for it."""

    name: str
    bits: int
    holds: Holds | None
    own: int = 0


@dataclass(frozen=True)
class Membership:
    """The segments of a plan.

    Attributes:
        ladders: the features that they ask for.
        others: what they ask the state itself, each with its bit.
        segments: in the order of the file.
    """

    ladders: Sequence[Ladder]
    others: Sequence[tuple[int, Check]]
    segments: Sequence[Segmented]

    @classmethod
    def of(cls, segments: Iterable[tuple[str, Iterable[Condition]]]) -> "Membership":
        """Put together what each segment asks for."""
        asked = Asked()
        compiled = [asked.segment(name, where) for name, where in segments]
        own = {leaf.segment: bit for leaf, bit in asked.bit_of.items()}
        return cls(asked.ladders(), asked.others(), [each._replace(own=own.get(each.name, 0)) for each in compiled])

    @property
    def tagged(self) -> list[str]:
        """The numbers asked for that say how long a tag is there."""
        return [name for name, _, _ in self.ladders if name.startswith(DAYS_TAGGED)]

    def look(self, features: Features) -> tuple[list[int], int]:
        """How many of its limits each has reached, in the order of the ladders, and the bits of what is true."""
        places, found = [], self._of_state(features)
        for name, limits, bits in self.ladders:
            place = bisect_right(limits, features[name])
            places.append(place)
            found |= bits[place]
        return places, found

    def place(self, ladder: int, features: Features) -> int:
        """How many of its limits one feature has reached."""
        name, limits, _ = self.ladders[ladder]
        return bisect_right(limits, features[name])

    def bits(self, places: Sequence[int], features: Features) -> int:
        """The bits of what is true of a customer whose features are in these places."""
        found = self._of_state(features)
        for (_, _, bits), place in zip(self.ladders, places, strict=True):
            found |= bits[place]
        return found

    def members(self, found: int) -> list[str]:
        """The segments of a customer of whom that is true; each is looked at after those that it asks for."""
        members = []
        for name, bits, holds, own in self.segments:
            if found & bits == bits and (holds is None or holds(found)):
                members.append(name)
                found |= own
            elif own:
                found &= ~own
        return members

    def _of_state(self, features: Features) -> int:
        found = 0
        for bit, check in self.others:
            if check(features):
                found |= bit
        return found


def belongs(segment: Segmented, found: int) -> bool:
    """Whether somebody of whom that is true belongs to a segment."""
    _, bits, holds, _ = segment
    return found & bits == bits and (holds is None or holds(found))


@dataclass
class Asked:
    """What segments ask for, while they are put together: each comparison gets a bit, however many ask for it."""

    bit_of: dict[Condition, int] = field(default_factory=dict)

    def segment(self, name: str, conditions: Iterable[Condition]) -> Segmented:
        """A segment of those for whom all conditions hold."""
        bits = 0
        holds: list[Holds] = []
        for condition in conditions:
            if condition.all is not None:
                _, more, others, _ = self.segment(name, condition.all)
                bits, holds = bits | more, [*holds, *([others] if others else [])]
            elif condition.any is not None:
                holds.append(_any_of([self.segment(name, [part]) for part in condition.any]))
            elif condition.not_ is not None:
                holds.append(_none_of(self.segment(name, [condition.not_])))
            else:
                bits |= self.bit_of.setdefault(condition, 1 << len(self.bit_of))
        return Segmented(name, bits, _all_of(holds))

    def ladders(self) -> list[Ladder]:
        """All features that are asked for."""
        names = sorted({condition.number for condition in self.bit_of if condition.number})
        return [_ladder(name, [leaf for leaf in self.bit_of.items() if leaf[0].number == name]) for name in names]

    def others(self) -> list[tuple[int, Check]]:
        """What is asked of the state itself."""
        return [(bit, condition.check) for condition, bit in self.bit_of.items() if condition.number is None]


def _all_of(holds: Sequence[Holds]) -> Holds | None:
    match tuple(holds):
        case ():
            return None
        case (only,):
            return only
        case several:
            return lambda found: all(each(found) for each in several)


def _any_of(parts: Sequence[Segmented]) -> Holds:
    if all(part.holds is None and part.bits.bit_count() == 1 for part in parts):
        bits = sum({part.bits for part in parts})
        return lambda found: found & bits != 0
    return lambda found: any(belongs(part, found) for part in parts)


def _none_of(part: Segmented) -> Holds:
    return lambda found: not belongs(part, found)


def _ladder(name: str, leaves: Sequence[tuple[Condition, int]]) -> Ladder:
    """Between two limits no comparison changes: so each is tried once at every limit, and below all of them."""
    limits = sorted({limit for leaf, _ in leaves for _, limit in leaf.limits()})
    values = [nextafter(limits[0], -inf), *limits] if limits else [0.0]
    bits = [sum(bit for leaf, bit in leaves if leaf.is_kept_by(value)) for value in values]
    return Ladder(name, tuple(limits), tuple(bits))
