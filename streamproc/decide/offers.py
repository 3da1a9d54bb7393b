"""The next best offer: one among those that the customer may get, with the probability logged.

How likely each is, the policy of the file says (`decide/offer_policies/`). The choice is seeded by the log position,
so a replay chooses alike, and the logged probability is what off-policy evaluation needs.
"""

from hashlib import blake2b
from typing import Annotated

from pydantic import BeforeValidator, SerializeAsAny

from streamproc.config_file import Table
from streamproc.decide.moment import Moment
from streamproc.decide.offer_policies import DEFAULT, OfferPolicy
from streamproc.decide.offer_rule import OfferRule
from streamproc.decide.policy import PolicySettings
from streamproc.decide.rules.undeliverable import unreachable
from streamproc.events.calendar import on_the_wall
from streamproc.events.decisions import Offer
from streamproc.events.profile import MARKETING
from streamproc.events.times import DAY_MS, from_epoch_ms


class OfferSettings(Table):
    """`config/offers.toml`."""

    policy: Annotated[SerializeAsAny[OfferPolicy], BeforeValidator(OfferPolicy.read)] = DEFAULT
    offer: tuple[OfferRule, ...] = ()


def choose_offer(moment: Moment, settings: OfferSettings, policy: PolicySettings) -> Offer | None:
    """Choose one offer, or none if the moment is not one of those or nothing may be offered."""
    if moment.happened not in settings.policy.on or moment.is_stale(settings.policy.max_age_ms):
        return None
    candidates = [offer for offer in settings.offer if _may_get(moment, offer, policy)]
    if not candidates:
        return None
    chances = settings.policy.chances(candidates, moment)
    chosen = _draw(candidates, chances, uniform(moment.entry.position))
    moment.customer.offered = {**moment.customer.offered, chosen.id: moment.now_ms}
    return Offer(
        offer_decision_id=moment.decision_id("offer"),
        offer_id=chosen.id,
        customer_id=moment.subject.customer_id,
        anonymous_id=moment.subject.anonymous_id,
        channel=chosen.channel,
        at=moment.at,
        content=chosen.content,
        propensity=chances[chosen.id],
        candidates=chances,
        policy=settings.policy.label,
        plan_version=moment.plan_version,
        model_version=None,
        position=moment.entry.position,
        values={name: value for condition in chosen.where for name, value in condition.values(moment.features).items()},
    )


def _may_get(moment: Moment, offer: OfferRule, policy: PolicySettings) -> bool:
    last = moment.customer.offered.get(offer.id)
    return (
        offer.is_valid_on(from_epoch_ms(on_the_wall(moment.now_ms, moment.customer.zone)).date())
        and (last is None or moment.now_ms - last >= offer.cool_down_days * DAY_MS)
        and policy.allows(moment.customer, MARKETING, offer.channel)
        and unreachable(moment, policy, MARKETING, offer.channel) is None
        and offer.check(moment.features)
    )


def uniform(seed: str) -> float:
    """A number in [0, 1) that depends on the seed only."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=7, person=b"offer").digest()) / 2**56


def _draw(candidates: list[OfferRule], chances: dict[str, float], point: float) -> OfferRule:
    for offer in candidates:
        point -= chances[offer.id]
        if point < 0:
            return offer
    return candidates[-1]
