"""The question of an offer policy's model: what will each offer bring with this customer?"""

from streamproc.customer.open_offers import OpenOffer
from streamproc.decide.draw import uniform
from streamproc.decide.moment import Moment
from streamproc.decide.offer_candidate import OfferCandidate, candidate
from streamproc.decide.offer_policies import OfferPolicy
from streamproc.decide.offer_policies.epsilon_greedy import EpsilonGreedy
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.offers.rewards import open_offer
from streamproc.models.kind import Predictions, RewardPrediction
from streamproc.models.scorer import RewardScorer
from streamproc.models.vectors import Vector, by_name, in_text, vector
from streamproc.value import value

CONTROL = EpsilonGreedy()
"""How a control's offer is chosen: by what the shop expects of it."""


@value
class OfferQuestion:
    """What is asked of the reward model about one customer, if there is one.

    Attributes:
        name, prediction: whose question it is; None: nothing learns of offers.
        values, features: what the customer is like, as numbers in their order and by name.
        scorer, version: what answers, None as long as nothing was released.
        is_control: the customer gets what the shop itself expects most of.
    """

    name: str | None
    prediction: RewardPrediction | None
    values: Vector
    features: dict[str, float]
    scorer: RewardScorer | None
    version: str | None
    is_control: bool

    @classmethod
    def of(cls, moment: Moment, policy: OfferPolicy, predictions: Predictions) -> "OfferQuestion":
        """What a policy's model is asked about a customer now."""
        prediction = predictions.get(policy.model) if policy.model else None
        if policy.model is None or not isinstance(prediction, RewardPrediction):
            return _NOTHING
        values = vector(moment.features, prediction.features, has_categories=False)
        features = by_name(prediction.features, values)
        scorer, version = moment.bank.rewards(policy.model), moment.bank.version(policy.model)
        return cls(policy.model, prediction, values, features, scorer, version, is_control(moment.customer.key, policy))

    def candidate(self, offer: OfferRule) -> OfferCandidate:
        """The offer with what is known of it; a control knows what the shop says."""
        return candidate(offer, self.features, self.prediction, None if self.is_control else self.scorer)

    def open(self, moment: Moment, chosen: OfferRule, predictions: Predictions) -> None:
        """Wait for what the offer brings: that is learned, whoever chose it. What was expected is the model's word."""
        if self.name is None or self.prediction is None:
            return
        asked = candidate(chosen, self.features, self.prediction, self.scorer)
        offer = OpenOffer(
            model=self.name,
            offer_id=chosen.id,
            chosen_ms=moment.now_ms,
            due_ms=moment.now_ms + self.prediction.horizon_ms,
            features=in_text(self.values),
            feature_set=self.prediction.feature_set,
            expected=round(asked.reward.mean, 6) if self.scorer else None,
            model_version=self.version,
            is_control=self.is_control,
        )
        open_offer(moment, offer, predictions)


_NOTHING = OfferQuestion(None, None, (), {}, None, None, is_control=False)


def is_control(key: str, policy: OfferPolicy) -> bool:
    """Whether a customer is one of those whose offers are chosen without what was learned; always or never."""
    return uniform(f"control|{key}") < policy.control
