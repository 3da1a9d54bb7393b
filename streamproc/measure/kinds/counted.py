"""KPIs that are added up from facts. Their kinds differ in which facts count, and in what each of them adds."""

from abc import abstractmethod
from collections.abc import Mapping

from pydantic import Field

from streamproc.config_file import AnyOf
from streamproc.did_you_mean import suggest
from streamproc.events.facts import FactValue
from streamproc.measure.kinds.base import KpiBlock, KpiFile, Names, WindowKind, Wrong
from streamproc.measure.vocabulary import FACTS

_NEEDED: Mapping[type, str] = {bool: "a flag", int: "a number"}


class CountedKpi(KpiBlock):
    """A KPI with a series of its own: each fact that fits adds to it."""

    facts: Names

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The values of facts that it is split by, in one order whatever the file's."""
        return ()

    @property
    def added(self) -> str | None:
        """The value of a fact that is added up; None: each fact adds 1."""
        return None

    @abstractmethod
    def conditions(self, window: WindowKind) -> Mapping[str, frozenset[FactValue]]:
        """The values that a fact must have to count in such a window, each one of these."""

    @abstractmethod
    def misfits(self, facts: list[str]) -> Wrong:
        """What these of its facts cannot give."""

    def mistakes(self, file: KpiFile) -> Wrong:  # noqa: ARG002  what is counted does not depend on other blocks
        """Facts that there are not, and what those that there are cannot give."""
        for position, fact in enumerate(self.facts):
            if fact not in FACTS:
                yield ("facts", position), f"no fact {fact!r}; {suggest(fact, FACTS)}"
        yield from self.misfits([fact for fact in self.facts if fact in FACTS])


class ConditionedKpi(CountedKpi):
    """A counted KPI whose block says itself which facts count (`where`), and by what it is split (`by`)."""

    where: dict[str, AnyOf] = Field(default_factory=dict)
    by: Names = ()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the block says."""
        return tuple(sorted(self.by))

    def conditions(self, window: WindowKind) -> Mapping[str, frozenset[FactValue]]:  # noqa: ARG002  in each the same
        """What the block says."""
        return {name: frozenset(choices) for name, choices in self.where.items()}

    def misfits(self, facts: list[str]) -> Wrong:
        """Conditions that can never be true, and what cannot split a KPI."""
        for name, choices in self.where.items():
            unknown = list(unfit(("where", name), name, facts))
            yield from unknown
            for fact in facts if not unknown else ():
                for choice in choices:
                    if not FACTS[fact][name].can_be(choice):
                        yield ("where", name), f"{name} of {fact} is {FACTS[fact][name]}, never {choice!r}"
        for position, name in enumerate(self.by):
            yield from unfit(("by", position), name, facts)
            for fact in facts:
                if name in FACTS[fact] and FACTS[fact][name].type is int:
                    yield ("by", position), f"{name} of {fact} is a number; only texts and flags can split a KPI"


def unfit(place: tuple[int | str, ...], name: str, facts: list[str], needed: type | None = None) -> Wrong:
    """A value that some of the facts do not have, or that is not of the type (if one is needed)."""
    for fact in facts:
        found = FACTS[fact].get(name)
        if found is None:
            yield place, f"{fact} has no {name!r}; {suggest(name, FACTS[fact])}"
        elif needed is not None and found.type is not needed:
            yield place, f"{name} of {fact} is {found}: {_NEEDED[needed]} is needed"
