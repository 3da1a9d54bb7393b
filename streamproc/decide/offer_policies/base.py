"""What all ways to choose an offer share: when one is chosen, and how a way makes itself known."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import Hours
from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.triggers.base import known_event
from streamproc.events.times import HOUR_MS
from streamproc.kinds import Kinds, KindTable

KINDS: Kinds[type["OfferPolicy"]] = Kinds("offer policy")
"""Every way to choose an offer by its name."""

Chances = Mapping[str, float]
"""The probability of each candidate by the offer's id; together they are 1."""


class OfferPolicy(KindTable):
    """The table `[policy]`: an offer is chosen at the events in `on`. Each kind adds its own keys.

    What was told more than `max_age_hours` after it happened is no occasion. `model` names the prediction of
    `models.toml` that learns what offers bring. A share `control` of the customers always gets the offer that the shop
    itself expects most of, whatever was learned: to see what learning is good for.
    """

    known: ClassVar[Kinds[Any]] = KINDS
    unsaid: ClassVar[str | None] = "epsilon_greedy"
    needs_model: ClassVar[bool] = False

    on: Annotated[tuple[Annotated[str, AfterValidator(known_event)], ...], Field(min_length=1)] = ("order_placed",)
    max_age_hours: Hours = 48
    model: str | None = None
    control: Annotated[float, Field(ge=0, le=0.5)] = 0.0

    @model_validator(mode="after")
    def _learns(self) -> Self:
        if self.model is None and self.needs_model:
            raise ValueError(f'the policy {self.kind} needs a model: model = "offer_reward", as models.toml calls it')
        if self.model is None and self.control:
            raise ValueError("without a model there is nothing to compare with: control needs model, too")
        return self

    @property
    def max_age_ms(self) -> int:
        """The largest age in milliseconds."""
        return round(self.max_age_hours * HOUR_MS)

    @property
    @abstractmethod
    def label(self) -> str:
        """What a decision says of how it was made: the kind with its numbers."""

    @abstractmethod
    def chances(self, candidates: Sequence[OfferCandidate]) -> Chances:
        """The probability of each candidate.

        They are logged with the choice, which is drawn from them with the log position as the seed. So they are a
        function of the candidates alone.
        """


def greedy(candidates: Sequence[OfferCandidate], by: Callable[[OfferCandidate], float], share: float) -> Chances:
    """The best gets all but `share`, which all of them share; of several that are the best, the last by its id is."""
    best = max(candidates, key=lambda each: (by(each), each.offer.id)).offer.id
    return explored({each.offer.id: float(each.offer.id == best) for each in candidates}, share)


def explored(chances: Chances, share: float) -> Chances:
    """The chances when a share of all choices is made at random, so that something is learned of each offer."""
    least = share / len(chances)
    return {offer: least + (1 - share) * chance for offer, chance in chances.items()}
