"""Steps of the kind `message`: something is sent, if the policy lets it through; what it refuses is passed over."""

from typing import Annotated, Literal

from pydantic import Field

from streamproc.config_file import Hours, RuleName
from streamproc.customer.state import Waiting
from streamproc.decide.journeys.steps.base import Here, JourneyStep, Went
from streamproc.decide.moment import Moment
from streamproc.decide.triggers import Candidate, TriggerRule
from streamproc.events.email import Channel


class MessageStep(JourneyStep):
    """Sends a message, once in a journey; its keys mean what they mean for triggers."""

    kind: Literal["message"]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = ("email",)
    channel_by: Literal["trigger", "customer"] = "trigger"
    content: str | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    cap_class: Literal["marketing", "transactional"] = "marketing"
    expires_hours: Annotated[Hours, Field(gt=0)] | None = None
    campaign: RuleName | None = None
    defer: bool = False
    loses: Literal["drop", "defer"] = "drop"

    @property
    def in_words(self) -> str:
        """By which channels, and what."""
        return f"message by {' or '.join(self.channels)}" + (f": {self.content}" if self.content else "")

    def arrive(self, here: Here) -> int | Went:
        """It is wished for now; what was sent already is not sent again."""
        instance = here.instance
        return Went(None) if instance.sent >> instance.step & 1 else here.moment.now_ms


class JourneyMessage(TriggerRule):
    """The message of a step as the policy sees it: like a trigger's, under the name of the journey."""

    kind: str = "journey"
    cool_down_hours: Hours = 0
    step: str

    @classmethod
    def of(cls, journey: str, name: str, step: MessageStep) -> "JourneyMessage":
        """The message of a step of that name."""
        keys = MessageStep.model_fields.keys() & TriggerRule.model_fields.keys() - {"kind", "name"}
        return cls(name=journey, step=name, **{key: getattr(step, key) for key in keys})

    @property
    def of_step(self) -> str:
        """The step's name."""
        return self.step

    @property
    def wakes_on(self) -> frozenset[str]:
        """Nothing: its journey knows when."""
        return frozenset()

    def consider(self, moment: Moment) -> Candidate | None:  # noqa: ARG002  a rule's shape
        """Nothing of its own accord."""
        return None

    def still_holds(self, moment: Moment, waiting: Waiting) -> bool:  # noqa: ARG002  a rule's shape
        """As long as its journey stands there, and it is found."""
        return True
