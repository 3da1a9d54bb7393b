"""Predictions of the kind `offer_reward`: what will an offer bring within the horizon?

Asked when an offer is chosen, of that offer. A click on it brings `click`, an order of what it offers `order`, both
their sum, nothing 0. Answered by time alone, since more may come until the horizon is over.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from streamproc.models.estimators.frozen_rewards import FrozenRewards
from streamproc.models.estimators.reward_model import LEAST, MOST, RewardModel, require_reward_model
from streamproc.models.health.reward_metrics import RewardMetrics
from streamproc.models.kind import RewardPrediction
from streamproc.models.scorer import Model

OFFER = "offer="
"""An example says which offer it is about by a feature of this and its id, which is 1."""

Spread = Annotated[float, Field(ge=LEAST, le=MOST)]


class OfferReward(RewardPrediction):
    """What an offer will bring, and the model that learns it.

    `noise` is by how much rewards scatter whoever gets the offer, `prior` how far from 0 they may well be: both in the
    unit of `click` and `order`. With a larger `noise` more examples are needed to believe anything.
    """

    kind: Literal["offer_reward"] = "offer_reward"

    features: Annotated[tuple[str, ...], Field(min_length=1, max_length=24)]
    horizon_days: Annotated[int, Field(ge=1, le=90)] = 7
    release_every: Annotated[int, Field(ge=1, le=10_000_000)] = 200
    noise: Spread = 0.4
    prior: Spread = 0.3

    def new_model(self) -> RewardModel:
        """Nothing is known of any offer."""
        return RewardModel(self.noise, self.prior)

    def new_metrics(self) -> RewardMetrics:
        """Rewards beside what was expected."""
        return RewardMetrics()

    def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
        """One example of the offer that it is about."""
        if (model.noise, model.prior) != (self.noise, self.prior):
            model.begin_anew(self.noise, self.prior)  # what was learned by other numbers means something else
        offer = next((name.removeprefix(OFFER) for name in features if name.startswith(OFFER)), None)
        if offer is None:
            return
        customers = {name: value for name, value in features.items() if not name.startswith(OFFER)}
        model.learn(offer, customers, label)

    def require(self, model: Model) -> RewardModel:
        """A reward model over features of this release, with finite numbers."""
        return require_reward_model(model)

    def scorer(self, model: Model) -> FrozenRewards:
        """What it expects of each offer, and how sure it is."""
        return FrozenRewards.of(model)

    @property
    def unknown(self) -> float:
        """As the prior says of the customer in the middle."""
        return self.prior

    def parameters(self, model: Model) -> dict[str, float | int | str]:
        """What rewards are made of, and how fast they are believed."""
        del model
        return {"click": self.click, "order": self.order, "noise": self.noise, "prior": self.prior}


def about(offer: str, features: Mapping[str, float]) -> dict[str, float]:
    """The features of an example about an offer."""
    return {**features, OFFER + offer: 1.0}
