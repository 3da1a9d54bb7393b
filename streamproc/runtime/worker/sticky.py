"""Who has which partition when a group changes: everybody keeps what they had, as far as all have equally much."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Partition = tuple[str, int]
"""A topic and a number."""

_CLEARLY = 2
"""With so many more, one of them may go: with one more, the two would only change places."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a member of a group says of itself.

    Attributes:
        topics: what it reads.
        held: the partitions that it was given last; of one that was given none, those of which it has copies.
        generation: of the group, in which it was given these; of two who hold the same, the newer one is right.
    """

    topics: frozenset[str]
    held: frozenset[Partition] = frozenset()
    generation: int = -1


def share_out(partitions: Collection[Partition], members: Mapping[str, Member]) -> dict[str, set[Partition]]:
    """By member, its partitions: each goes to one member that reads its topic.

    Of each topic, and of all together, no member has two more than another that reads the same. When one joins or
    leaves, at most twice as many partitions move as must. Nothing depends on the order of what is given.
    """
    shares = _Shares(members)
    shares.keep(partitions)
    for partition in sorted(set(partitions) - shares.owners.keys()):
        shares.give(partition)
    for topic in sorted({topic for topic, _ in partitions}):
        shares.level(topic)
    shares.level_all()
    return {name: {each for each, owner in shares.owners.items() if owner == name} for name in members}


class _Shares:
    """Who has what by now."""

    def __init__(self, members: Mapping[str, Member]) -> None:
        self.owners: dict[Partition, str] = {}
        self._members = members
        self._counts = {name: dict.fromkeys(sorted(member.topics), 0) for name, member in members.items()}

    def keep(self, partitions: Collection[Partition]) -> None:
        """Everybody goes on with what they hold, unless somebody was given it later."""
        for name in sorted(self._members, key=lambda name: (-self._members[name].generation, name)):
            member = self._members[name]
            for partition in member.held.intersection(partitions) - self.owners.keys():
                if partition[0] in member.topics:
                    self._put(partition, name)

    def give(self, partition: Partition) -> None:
        """To whoever has the fewest of its topic, then of all; to nobody if nobody reads it."""
        if ranked := self._ranked(partition[0]):
            self._put(partition, ranked[0])

    def level(self, topic: str) -> None:
        """Nobody has two more partitions of the topic than another."""
        while (ranked := self._ranked(topic)) and self._more(topic, ranked[-1], ranked[0]) >= _CLEARLY:
            self._move(topic, ranked[-1], ranked[0])

    def level_all(self) -> None:
        """Nobody has two more partitions than another who reads the same; of each topic all stay as equal as before."""
        while move := self._next_move():
            self._move(*move)

    def _next_move(self) -> tuple[str, str, str] | None:
        """A topic of which somebody has one more than another, and two more of all."""
        ranked = sorted(self._members, key=self._rank)
        for rich in reversed(ranked):
            for poor in ranked:
                if self._total(rich) - self._total(poor) < _CLEARLY:
                    break
                for topic in self._counts[rich]:
                    if topic in self._counts[poor] and self._more(topic, rich, poor) > 0:
                        return topic, rich, poor
        return None

    def _ranked(self, topic: str) -> list[str]:
        """Who reads the topic, the fewest partitions first."""
        readers = (name for name, counts in self._counts.items() if topic in counts)
        return sorted(readers, key=lambda name: (self._counts[name][topic], *self._rank(name)))

    def _rank(self, name: str) -> tuple[int, str]:
        return self._total(name), name

    def _total(self, name: str) -> int:
        return sum(self._counts[name].values())

    def _more(self, topic: str, rich: str, poor: str) -> int:
        return self._counts[rich][topic] - self._counts[poor][topic]

    def _move(self, topic: str, rich: str, poor: str) -> None:
        """One of the topic goes from the one to the other: one that the other has had, else the last."""
        self._counts[rich][topic] -= 1
        known = self._members[poor].held
        theirs = [each for each, owner in self.owners.items() if owner == rich and each[0] == topic]
        self._put(max(theirs, key=lambda each: (each in known, each)), poor)

    def _put(self, partition: Partition, name: str) -> None:
        self.owners[partition] = name
        self._counts[name][partition[0]] += 1
