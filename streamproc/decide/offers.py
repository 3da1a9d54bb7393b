"""The next best offer: epsilon-greedy among the offers that the customer may get, with the probability logged.

Source: R. Sutton and A. Barto, "Reinforcement Learning" (2018), section 2.2. The choice is seeded by the log
position, so a replay chooses alike, and the logged probability is what off-policy evaluation needs.
"""

from datetime import date
from hashlib import blake2b
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from streamproc.config_file import Days, Number, RuleName, Table
from streamproc.decide.conditions import Condition
from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.decide.triggers.base import known_event
from streamproc.events.decisions import Offer
from streamproc.events.email import Channel
from streamproc.events.times import DAY_MS, from_epoch_ms


class OfferRule(Table):
    """An offer of `config/offers.toml`; `expected_reward` is what the shop expects of it, in any one unit."""

    id: RuleName
    content: str
    channel: Channel = "email"
    expected_reward: Annotated[Number, Field(ge=0)] = 0.0
    category: str | None = None
    skus: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    cool_down_days: Days = 14
    where: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from: nobody would ever get the offer")
        return self

    def is_valid_on(self, day: date) -> bool:
        """Whether the offer holds on a day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


class OfferPolicy(Table):
    """When an offer is chosen (`on`), and how often at random (`epsilon`)."""

    on: Annotated[tuple[Annotated[str, AfterValidator(known_event)], ...], Field(min_length=1)] = ("order_placed",)
    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.1


class OfferSettings(Table):
    """`config/offers.toml`."""

    policy: OfferPolicy = OfferPolicy()
    offer: tuple[OfferRule, ...] = ()


def choose_offer(moment: Moment, settings: OfferSettings, policy: PolicySettings) -> Offer | None:
    """Choose one offer, or none if the moment is not one of those or nothing may be offered."""
    if moment.entry.event.type not in settings.policy.on:
        return None
    candidates = [offer for offer in settings.offer if _may_get(moment, offer, policy)]
    if not candidates:
        return None
    chances = probabilities(candidates, settings.policy.epsilon)
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
        policy=f"epsilon_greedy({settings.policy.epsilon})",
        plan_version=moment.plan_version,
        model_version=None,
        position=moment.entry.position,
        values={name: value for condition in chosen.where for name, value in condition.values(moment.features).items()},
    )


def _may_get(moment: Moment, offer: OfferRule, policy: PolicySettings) -> bool:
    last = moment.customer.offered.get(offer.id)
    return (
        offer.is_valid_on(from_epoch_ms(moment.now_ms).date())
        and (last is None or moment.now_ms - last >= offer.cool_down_days * DAY_MS)
        and policy.allows(moment.customer, "marketing", offer.channel)
        and all(condition.holds(moment.features) for condition in offer.where)
    )


def probabilities(candidates: list[OfferRule], epsilon: float) -> dict[str, float]:
    """Each candidate's probability: the best gets 1 - epsilon on top of its share of epsilon."""
    best = max(candidates, key=lambda offer: (offer.expected_reward, offer.id)).id
    share = epsilon / len(candidates)
    return {offer.id: share + (1 - epsilon if offer.id == best else 0.0) for offer in candidates}


def uniform(seed: str) -> float:
    """A number in [0, 1) that depends on the seed only."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=7, person=b"offer").digest()) / 2**56


def _draw(candidates: list[OfferRule], chances: dict[str, float], point: float) -> OfferRule:
    for offer in candidates:
        point -= chances[offer.id]
        if point < 0:
            return offer
    return candidates[-1]
