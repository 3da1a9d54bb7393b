"""The next best offer: one among those that the customer may get, with the probability logged.

How likely each is, the policy of the file says (`decide/offer_policies/`). The choice is seeded by the log position,
so a replay chooses alike, and the logged probability is what off-policy evaluation needs.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, SerializeAsAny

from streamproc.config_file import Table
from streamproc.decide.best_contact import best_contact
from streamproc.decide.draw import uniform
from streamproc.decide.moment import Moment
from streamproc.decide.offer_candidate import OfferCandidate
from streamproc.decide.offer_policies import DEFAULT, OfferPolicy
from streamproc.decide.offer_policies.base import Chances
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.offers.for_you import products_for
from streamproc.decide.offers.question import CONTROL, OfferQuestion
from streamproc.decide.policy import PolicySettings
from streamproc.decide.rules.undeliverable import unreachable
from streamproc.events.calendar import on_the_wall
from streamproc.events.decisions import Offer
from streamproc.events.profile import MARKETING
from streamproc.events.times import DAY_MS, from_epoch_ms
from streamproc.models.estimators.reward_model import MAX_OFFERS
from streamproc.models.kind import Predictions


class OfferSettings(Table):
    """`config/offers.toml`."""

    policy: Annotated[SerializeAsAny[OfferPolicy], BeforeValidator(OfferPolicy.read)] = DEFAULT
    offer: Annotated[tuple[OfferRule, ...], Field(max_length=MAX_OFFERS)] = ()

    @cached_property
    def by_id(self) -> Mapping[str, OfferRule]:
        """The offers by their ids."""
        return {offer.id: offer for offer in self.offer}


def choose_offer(
    moment: Moment, settings: OfferSettings, policy: PolicySettings, predictions: Predictions
) -> Offer | None:
    """Choose one offer, or none if the moment is not one of those or nothing may be offered."""
    if moment.happened not in settings.policy.on or moment.is_stale(settings.policy.max_age_ms):
        return None
    possible = [offer for offer in settings.offer if _may_get(moment, offer, policy)]
    if not possible:
        return None
    asking = OfferQuestion.of(moment, settings.policy, predictions)
    candidates = [asking.candidate(offer) for offer in possible]
    by = CONTROL if asking.is_control else settings.policy
    chances = by.chances(candidates)
    chosen = _draw(candidates, chances, uniform(moment.entry.position))
    moment.customer.offered = {**moment.customer.offered, chosen.offer.id: moment.now_ms}
    asking.open(moment, chosen.offer, predictions)
    return Offer(
        offer_decision_id=moment.decision_id("offer"),
        offer_id=chosen.offer.id,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        channel=chosen.offer.channel,
        at=moment.at,
        content=chosen.offer.content,
        propensity=chances[chosen.offer.id],
        candidates=dict(chances),
        policy=f"control: {by.label}" if asking.is_control else by.label,
        plan_version=moment.plan_version,
        model_version=asking.version,
        position=moment.entry.position,
        values={
            name: value for condition in chosen.offer.where for name, value in condition.values(moment.features).items()
        },
        expected={each.offer.id: round(each.reward.mean, 6) for each in candidates} if asking.name else {},
        deviations={each.offer.id: round(each.reward.deviation, 6) for each in candidates} if asking.name else {},
        features=asking.features,
        products=products_for(moment, chosen.offer),
        ranking_version=moment.bank.version(chosen.offer.rank) if chosen.offer.rank else None,
        **best_contact(moment, policy.contact),
    )


def _may_get(moment: Moment, offer: OfferRule, policy: PolicySettings) -> bool:
    last, wall_ms = moment.customer.offered.get(offer.id), on_the_wall(moment.now_ms, moment.customer.zone)
    return (
        offer.is_valid_on(from_epoch_ms(wall_ms).date())
        and moment.shared.budgets.allow(offer, wall_ms // DAY_MS)
        and (last is None or moment.now_ms - last >= offer.cool_down_days * DAY_MS)
        and policy.allows(moment.customer, MARKETING, offer.channel)
        and unreachable(moment, policy, MARKETING, offer.channel) is None
        and offer.check(moment.features)
    )


def _draw(candidates: Sequence[OfferCandidate], chances: Chances, point: float) -> OfferCandidate:
    for each in candidates:
        point -= chances[each.offer.id]
        if point < 0:
            return each
    return next(each for each in reversed(candidates) if chances[each.offer.id] > 0)
