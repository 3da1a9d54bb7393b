"""What all kinds of steps share, and how a kind registers itself."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from streamproc.config_file import RuleName
from streamproc.customer.features import Features
from streamproc.customer.journeys import JourneyInstance
from streamproc.customer.local_time import zone_of
from streamproc.decide.conditions import Condition
from streamproc.decide.journeys.came import message_features
from streamproc.decide.moment import Moment
from streamproc.kinds import Kinds, KindTable

KINDS: Kinds[type["JourneyStep"]] = Kinds("step kind")
"""Every kind of step by its name."""

END = "end"
"""Where a step goes on to if the journey is over."""

FINISHED = "finished"


@dataclass(frozen=True)
class Here:
    """A customer at a step of a journey, at a moment."""

    moment: Moment
    instance: JourneyInstance

    @cached_property
    def features(self) -> Features:
        """The customer's features, and what came of the journey's last message."""
        return Features(self.moment.features.view, {**self.moment.functions, **message_features(self.instance)})

    @property
    def zone(self) -> str:
        """The customer's time zone."""
        return zone_of(self.moment.customer, self.moment.customer.zone)


@dataclass(frozen=True, slots=True)
class Went:
    """A step is over.

    Attributes:
        result: what came of it; None: nothing that is worth a record.
        to: the step that follows; `END`: none; None: the next one of the file.
        outcome: how the journey ends, if it does.
    """

    result: str | None
    to: str | None = None
    outcome: str = FINISHED


class JourneyStep(KindTable):
    """A step of a journey in `config/journeys.toml`; each kind adds its own keys. `name` is for jumps and records."""

    known: ClassVar[Kinds[Any]] = KINDS

    name: RuleName | None = None

    @property
    def jumps(self) -> tuple[str, ...]:
        """The steps that it can go on with beside the next one, by their names."""
        return ()

    @property
    def goes_on(self) -> bool:
        """Whether the next step can follow."""
        return True

    @property
    def takes_time(self) -> bool:
        """Whether time always passes before what follows."""
        return False

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What it asks of the customer."""
        return ()

    @property
    @abstractmethod
    def in_words(self) -> str:
        """What it does, as one reads it."""

    @abstractmethod
    def arrive(self, here: Here) -> int | Went:
        """Who comes here stays until then (epoch ms), or goes on at once."""
