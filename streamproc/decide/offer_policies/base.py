"""What all ways to choose an offer share: when one is chosen, and how a way makes itself known."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from streamproc.config_file import Hours
from streamproc.decide.moment import Moment
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.triggers.base import known_event
from streamproc.events.times import HOUR_MS
from streamproc.kinds import Kinds, KindTable

KINDS: Kinds[type["OfferPolicy"]] = Kinds("offer policy")
"""Every way to choose an offer by its name."""


class OfferPolicy(KindTable):
    """The table `[policy]`: an offer is chosen at the events in `on`. Each kind adds its own keys.

    What was told more than `max_age_hours` after it happened is no occasion.
    """

    known: ClassVar[Kinds[Any]] = KINDS
    unsaid: ClassVar[str | None] = "epsilon_greedy"

    on: Annotated[tuple[Annotated[str, AfterValidator(known_event)], ...], Field(min_length=1)] = ("order_placed",)
    max_age_hours: Hours = 48

    @property
    def max_age_ms(self) -> int:
        """The largest age in milliseconds."""
        return round(self.max_age_hours * HOUR_MS)

    @property
    @abstractmethod
    def label(self) -> str:
        """What a decision says of how it was made: the kind with its numbers."""

    @abstractmethod
    def chances(self, candidates: Sequence[OfferRule], moment: Moment) -> dict[str, float]:
        """The probability of each candidate by its id; together they are 1.

        They are logged with the choice, which is drawn from them with the log position as the seed. So they are a
        function of the candidates and the moment alone.
        """
