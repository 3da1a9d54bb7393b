"""A shop that learns what its offers bring, and what it said."""

from collections.abc import Sequence
from typing import Any

from streamproc.events.decisions import Offer
from streamproc.events.log import ModelReleased
from streamproc.events.training import Example
from streamproc.models.kinds.offer_reward import OFFER, OfferReward
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign
from tests.builders import KEY, NOON, REWARDS, Shop, plan

FEATURES = ["log_orders", "log_views_7d"]
REWARD = {"features": FEATURES, "horizon_days": 7, "lateness_hours": 24, "click": 0.2, "order": 1.0}
VERSION = "offer_reward-1"


def offer(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "content": name, "cool_down_days": 0} | changes


def shop_with(*offers: dict[str, Any], **policy: Any) -> Shop:
    asked = {"on": ["page_viewed"], "model": REWARDS} | policy
    rules = plan(offers={"policy": asked, "offer": list(offers)}, rewards=REWARD)
    return Shop(rules, ModelBank(KEY, rules.predictions))


def examples(shop: Shop) -> list[Example]:
    return [each for outcome in shop.outcomes for each in outcome.examples if each.model == REWARDS]


def rewards(shop: Shop) -> list[float]:
    return [example.label for example in examples(shop)]


def offers(shop: Shop) -> list[Offer]:
    return [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, Offer)]


def learn(shop: Shop, learned: Sequence[tuple[str, float]]) -> None:
    """A version counts that has seen these offers bring this."""
    prediction = shop.plan.predictions[REWARDS]
    assert isinstance(prediction, OfferReward)
    model = prediction.new_model()
    for number, (name, reward) in enumerate(learned):
        features = {feature: float(number % 3) for feature in FEATURES}
        prediction.learn(model, features | {OFFER + name: 1.0}, reward)
    snapshot = pack(model)
    release = ModelReleased(
        model=REWARDS,
        version=VERSION,
        snapshot=snapshot,
        signature=sign(REWARDS, VERSION, snapshot, KEY),
        trained_through=NOON,
        examples=len(learned),
    )
    shop.bank = shop.bank.with_release(release)
