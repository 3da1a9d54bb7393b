"""KPIs of the kind `sum`: what a number of facts adds up to."""

from typing import Literal

from streamproc.measure.kinds.base import Wrong
from streamproc.measure.kinds.counted import ConditionedKpi, unfit
from streamproc.measure.vocabulary import FACTS


class SumKpi(ConditionedKpi):
    """What a number of the facts that fulfil all conditions adds up to."""

    kind: Literal["sum"]
    field: str
    unit: Literal["count", "micros"]

    @property
    def added(self) -> str | None:
        """The number."""
        return self.field

    def misfits(self, facts: list[str]) -> Wrong:
        """What is no number, and money that does not add up."""
        yield from super().misfits(facts)
        no_number = list(unfit(("field",), self.field, facts, int))
        yield from no_number
        for fact in facts if not no_number else ():
            if FACTS[fact][self.field].money != (self.unit == "micros"):
                yield ("unit",), f"{self.field} of {fact} is {'' if self.unit == 'count' else 'not '}money (micros)"
