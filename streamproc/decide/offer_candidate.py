"""An offer that a customer may get now, and what it is worth to make it."""

from collections.abc import Mapping

from streamproc.decide.offer_rule import OfferRule
from streamproc.models.kind import RewardPrediction
from streamproc.models.scorer import Estimate, RewardScorer
from streamproc.value import value


@value
class OfferCandidate:
    """What policies choose among.

    Attributes:
        offer: what it is.
        reward: what it is expected to bring, in the unit of rewards: learned, else what the shop says of it.
    """

    offer: OfferRule
    reward: Estimate

    @property
    def worth(self) -> Estimate:
        """The expected value: reward times margin, less the cost."""
        margin = self.offer.margin
        return Estimate(self.reward.mean * margin - self.offer.cost, self.reward.deviation * margin)


def candidate(
    offer: OfferRule,
    features: Mapping[str, float],
    prediction: RewardPrediction | None = None,
    scorer: RewardScorer | None = None,
) -> OfferCandidate:
    """An offer with what is known of it.

    Args:
        offer: the offer.
        features: what the customer is like, as the prediction wants to know it.
        prediction: what learns of offers, None: nothing does.
        scorer: its released version, None: there is none yet.
    """
    learned = scorer.estimate(offer.id, features) if scorer else None
    unknown = prediction.unknown if prediction else 0.0
    return OfferCandidate(offer, learned or Estimate(offer.expected_reward, unknown))
