"""What one step gives: the new state, and everything that is to be told."""

from dataclasses import dataclass

from streamproc.customer.state import Customer
from streamproc.events.decisions import Decision
from streamproc.events.facts import Fact
from streamproc.events.training import Example


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one event of one customer.

    Attributes:
        customer: the state after it; None: forget the customer.
        decisions: triggers, suppressions, offers, scores and segment changes, in the order of the step.
        examples: questions that were answered.
        facts: what measure counts.
        is_repeat: the event had been applied before; nothing changed.
        is_conflicting: another event with its id and type had been; which of them is right nobody knows.
    """

    customer: Customer | None
    decisions: tuple[Decision, ...] = ()
    examples: tuple[Example, ...] = ()
    facts: tuple[Fact, ...] = ()
    is_repeat: bool = False
    is_conflicting: bool = False

    def then(self, later: "Outcome") -> "Outcome":
        """Both outcomes, one after the other."""
        return Outcome(
            later.customer,
            (*self.decisions, *later.decisions),
            (*self.examples, *later.examples),
            (*self.facts, *later.facts),
            later.is_repeat,
            later.is_conflicting,
        )
