"""Predictions of the kind `message_response`: will this message be opened, or clicked, within the horizon?

Asked when a message is sent, of that message. Answered when the horizon is over, by what is known then: an open that
turns out to be a machine's is none.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from streamproc.config_file import listed
from streamproc.customer.messages.happenings import happenings
from streamproc.customer.messages.record import CHANNELS, Action, Message
from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.events.email import Channel, Sent
from streamproc.models.asking import EventName, RecurringPrediction
from streamproc.models.bands import Bands
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.kind import Change
from streamproc.models.labels import Answer
from streamproc.models.learned import AnyLearner
from streamproc.models.learners.base import Answers
from streamproc.models.learners.logistic_regression import LogisticRegression

SENT = "sent"


def _sent(names: tuple[str, ...]) -> tuple[str, ...]:
    if names != (SENT,):
        raise ValueError("it is asked when a message is sent: leave ask_on out")
    return names


class MessageResponse(RecurringPrediction):
    """The question "will a person answer the message that is sent now?": by opening it, or with a click."""

    kind: Literal["message_response"] = "message_response"
    answers_with: ClassVar[frozenset[Answers]] = frozenset({"probability"})

    response: Literal["opened", "clicked"]
    channel: Channel = "email"
    horizon_days: Annotated[int, Field(ge=1, le=30)] = 3
    ask_on: Annotated[tuple[EventName, ...], BeforeValidator(listed), AfterValidator(_sent)] = (SENT,)
    ask_every_days: None = None
    learner: AnyLearner = LogisticRegression()
    bands: Bands = Bands(medium=0.2, high=0.5)

    def asks(self, change: Change, *, is_due: bool) -> bool:
        """When a message is sent on the channel; one that is told late is answered in part already."""
        del is_due
        event, last = change.entry.event, change.customer.last_seen_ms
        return isinstance(event, Sent) and event.channel == self.channel and change.entry.at_ms >= last

    def can_answer(self, change: Change) -> bool:  # noqa: ARG002  the shape of all kinds
        """Nothing does but time."""
        return False

    def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:  # noqa: ARG002  as above
        """None."""
        return ()

    def answer_of_time(self, question: Question, customer: Customer) -> float:
        """Whether a person did it with a message that was sent when the question was asked."""
        return float(any(self._is_answered(each, question) for each in customer.messages))

    def _is_answered(self, message: Message, question: Question) -> bool:
        wanted, channel = Action[self.response.upper()], CHANNELS.index(self.channel)
        sent = [each for each in message.told if each.action == Action.SENT and each.at_ms == question.asked_ms]
        return any(each.channel == channel for each in sent) and any(
            each.by_person and each.told.action == wanted and question.asked_ms < each.told.at_ms <= question.due_ms
            for each in happenings(message)
        )

    def band(self, value: float) -> str:
        """The band of the probability."""
        return self.bands.of(value)

    def new_metrics(self) -> ProgressiveMetrics:
        """ROC AUC, log loss, Brier score."""
        return ProgressiveMetrics()
