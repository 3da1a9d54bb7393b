"""Questions about a customer's orders that are answered when the horizon is over, by what the ledger says then.

So late orders, corrections, returns and merges are in the answer, whatever the order in which they came.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from streamproc.customer.ledger.movements import Movement, movements
from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.events.times import DAY_MS
from streamproc.models.asking import RecurringPrediction, has_ordered
from streamproc.models.kind import Change
from streamproc.models.labels import Answer


class OrderPrediction(RecurringPrediction):
    """Asked at a first order, and then every `ask_every_days`, by time alone.

    So who orders often, who seldom does, and who has stopped are asked alike.
    """

    ask_every_days: Annotated[int, Field(ge=1, le=365)] = 14
    ask_on: tuple[()] = ()

    def begins(self, change: Change) -> bool:
        """An order does."""
        return has_ordered(change)

    def is_quiet(self, customer: Customer, now_ms: int) -> bool:
        """Whether the last order is too long ago."""
        last = customer.last_order_ms
        return last is None or now_ms - last > self.ask_until_quiet_days * DAY_MS

    def can_answer(self, change: Change) -> bool:  # noqa: ARG002  the shape of all kinds
        """Nothing does but time."""
        return False

    def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:  # noqa: ARG002  as above
        """None."""
        return ()


def moved_within(customer: Customer, question: Question) -> Iterator[Movement]:
    """What was ordered and what went back after a question was asked, until its horizon was over.

    The ledger holds the newest 200 orders: of more than so many within a horizon the oldest are not in the answer.
    """
    for record in customer.ledger:
        for movement in movements(record):
            if question.asked_ms < movement.at_ms <= question.due_ms:
                yield movement
