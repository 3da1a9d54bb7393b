"""What one step gives: the new state, and everything that is to be told."""

from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide.identity.who import Forward
from streamproc.events.decisions import Decision
from streamproc.events.facts import Fact
from streamproc.events.training import Basket, Example, Lesson
from streamproc.value import value


@value
class Outcome:
    """The answer to one event of one customer.

    Attributes:
        customer: the state after it; None: forget the customer.
        decisions: triggers, suppressions, offers, scores and segment changes, in the order of the step.
        examples: questions that were answered.
        facts: what measure counts.
        forwards: what concerns other keys (`decide/identity/who.py`).
        baskets: what rankings of products learn from (`decide/offers/for_you.py`).
        seen: why the event was passed over, and nothing changed; `NEW`: it was not.
    """

    customer: Customer | None
    decisions: tuple[Decision, ...] = ()
    examples: tuple[Example, ...] = ()
    facts: tuple[Fact, ...] = ()
    seen: Seen = Seen.NEW
    forwards: tuple[Forward, ...] = ()
    baskets: tuple[Basket, ...] = ()

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """What is to be learned."""
        return (*self.examples, *self.baskets)

    def then(self, later: "Outcome") -> "Outcome":
        """Both outcomes, one after the other."""
        return Outcome(
            later.customer,
            (*self.decisions, *later.decisions),
            (*self.examples, *later.examples),
            (*self.facts, *later.facts),
            later.seen,
            (*self.forwards, *later.forwards),
            (*self.baskets, *later.baskets),
        )
