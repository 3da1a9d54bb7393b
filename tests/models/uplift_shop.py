"""Shops of known truth: who is persuadable, and by how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import NamedTuple

from streamproc.events.training import Example
from streamproc.models.estimators.uplift_model import FrozenUplift, UpliftModel
from streamproc.models.health.uplift_metrics import UpliftMetrics
from streamproc.models.kinds.uplift import UpliftPrediction

UPLIFT = UpliftPrediction.model_validate({
    "kind": "uplift",
    "trigger": "cart",
    "event": "order_placed",
    "features": ["log_orders", "log_recency_weeks", "orders_90d", "log_views_7d", "gap_ratio"],
    "release_every": 250,
})  # fmt: skip
OPEN = 200
"""So many questions are open at a time."""


@dataclass(frozen=True)
class KnownShop:
    """A third each: persuadables, sure things, lost causes, told apart by two features and not by the others.

    `base` is how many of each buy anyway, `effect` how many more do with the message.
    """

    effect: tuple[float, float, float]
    base: tuple[float, float, float] = (0.1, 0.5, 0.05)
    centres: tuple[tuple[float, float], ...] = ((0.5, 0.5), (2.0, 0.5), (0.5, 2.0))


SHOPS = {
    "third": KnownShop((0.3, 0.0, 0.0)),
    "nothing": KnownShop((0.0, 0.0, 0.0)),
    "same": KnownShop((0.1, 0.1, 0.1)),
}


class Seen(NamedTuple):
    """A customer of the shop, with the effect on them that nobody knows."""

    features: dict[str, float]
    held_out: bool
    label: int
    effect: float


def customers_of(name: str, seed: int, count: int, held_out: float = 0.15) -> Iterator[Seen]:
    """Who comes, in order."""
    shop, dice = SHOPS[name], Random(seed)
    for _ in range(count):
        group, is_held_out = dice.randrange(3), dice.random() < held_out
        features = {each: dice.gauss(0, 1) for each in UPLIFT.features}
        features["log_orders"], features["log_recency_weeks"] = (dice.gauss(each, 0.7) for each in shop.centres[group])
        buys = dice.random() < shop.base[group] + (0 if is_held_out else shop.effect[group])
        yield Seen(features, is_held_out, int(buys), shop.effect[group])


def learned(name: str, seed: int, customers: int) -> tuple[UpliftModel, list[Seen]]:
    """A model that has learned from a shop."""
    model, seen = UPLIFT.new_model(), list(customers_of(name, seed, customers))
    for each in seen:
        UPLIFT.learn(model, each.features | {"held_out": float(each.held_out)}, each.label)
    return model, seen


class Scored(NamedTuple):
    """A customer with the score that was made before the answer was known, if a version was there."""

    seen: Seen
    example: Example


def progressive(name: str, seed: int, count: int = 6_000) -> tuple[list[Scored], UpliftMetrics]:
    """A shop as learn sees it: each score by the last version that was released when the question was asked."""
    model, health = UPLIFT.new_model(), UPLIFT.new_metrics()
    scorer: FrozenUplift | None = None
    waiting: list[Scored] = []
    done: list[Scored] = []
    for number, seen in enumerate(customers_of(name, seed, count)):
        score = scorer.score(seen.features).value if scorer else None
        subject = blake2b(f"{seed}|{number}".encode(), digest_size=8).hexdigest()
        features = seen.features | {"held_out": float(seen.held_out)}
        version = None if score is None else f"persuadable-{health.examples}"
        told = Example(
            "persuadable", subject, number, number + 1, features, seen.label, score, version,
            treated=not seen.held_out, held_out=seen.held_out,
        )  # fmt: skip
        waiting.append(Scored(seen, told))
        if len(waiting) > OPEN:
            answered = waiting.pop(0)
            UPLIFT.teach(model, health, answered.example)
            done.append(answered)
            if not health.examples % UPLIFT.release_every:
                scorer = UPLIFT.scorer(UPLIFT.released(model))
    return done, health
