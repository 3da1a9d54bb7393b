"""What the tags and segments of a plan would hold, found from states of customers: before it is deployed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from heapq import heappush, heappushpop
from typing import Literal

from streamproc.customer.features import Features
from streamproc.customer.state import Customer
from streamproc.customer.tags import told_tags
from streamproc.customer.view import CustomerView
from streamproc.decide.plan import Plan
from streamproc.models.releases.bank import ModelBank
from streamproc.value import value

EXAMPLES = 10

Kind = Literal["tag", "segment"]
Group = tuple[Kind, str]


@value
class Previewed:
    """A tag or segment, and who would have it.

    Attributes:
        members: so many customers; `entering` of them are not in now, and `leaving` others are.
        examples: the keys of some of the members, the same ones each time.
    """

    kind: Kind
    name: str
    members: int
    entering: int
    leaving: int
    examples: tuple[str, ...]


class Preview:
    """Counts who would have which tag and be in which segment."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._counts: Mapping[str, Counter[Group]] = {name: Counter() for name in ("members", "entering", "leaving")}
        self._examples: dict[Group, list[tuple[int, str]]] = {}
        self.customers = 0

    def add(self, customer: Customer, at_ms: int, bank: ModelBank | None = None) -> None:
        """A customer, as of a moment, by the versions that count then; nobody as of before their newest event."""
        if customer.is_guest:
            return
        self.customers += 1
        would = set(groups_at(customer, self._plan, max(at_ms, customer.last_seen_ms), bank))
        now = set(_groups(customer.tags, customer.segments))
        self._counts["members"].update(would)
        self._counts["entering"].update(would - now)
        self._counts["leaving"].update(now - would)
        rank = -int.from_bytes(blake2b(customer.key.encode(), digest_size=8).digest())
        for group in would:
            kept = self._examples.setdefault(group, [])
            (heappush if len(kept) < EXAMPLES else heappushpop)(kept, (rank, customer.key))

    def groups(self) -> Iterator[Previewed]:
        """All of the plan in the order of its files, then those that are told or left and in none of them."""
        named: list[Group] = [("tag", tag.name) for tag in self._plan.tags.tag]
        named += [("segment", segment.name) for segment in self._plan.segments.segment]
        others = {group for counts in self._counts.values() for group in counts} - set(named)
        for group in (*named, *sorted(others)):
            members, entering, leaving = (counted[group] for counted in self._counts.values())
            examples = sorted(self._examples.get(group, ()), reverse=True)
            yield Previewed(*group, members, entering, leaving, tuple(key for _, key in examples))


def groups_at(customer: Customer, plan: Plan, now_ms: int, bank: ModelBank | None = None) -> Iterator[Group]:
    """The tags that a customer would have at a moment, and the segments, if nothing happens until then."""
    tags, segments = plan.tags.membership, plan.segments.membership
    figures, clusters = (None, None) if bank is None else (bank.figures, bank.clusters)
    _, found = tags.look(Features(CustomerView(customer, now_ms, figures, clusters), plan.functions))
    known = customer.copy()
    names = dict.fromkeys((*tags.members(found), *told_tags(customer)))
    known.tags = {name: customer.tags.get(name, now_ms) for name in names}
    _, found = segments.look(Features(CustomerView(known, now_ms, figures, clusters), plan.functions))
    return _groups(known.tags, segments.members(found))


def _groups(tags: Iterable[str], segments: Iterable[str]) -> Iterator[Group]:
    yield from (("tag", name) for name in tags)
    yield from (("segment", name) for name in segments)
