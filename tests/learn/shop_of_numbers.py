"""A shop in which numbers are asked for, said by the version that counts, and answered late: learn beside decide."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.predictions.versions import Versions
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import ModelGoverned, ModelReleased, decode_record
from streamproc.events.model_audit import ModelAct
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC
from streamproc.events.training import Example
from streamproc.models.health.beside import BLOCK
from streamproc.models.kinds.amount import AmountPrediction
from streamproc.models.kinds.next_order import NextOrderPrediction
from streamproc.models.releases.bank import ModelBank
from tests.builders import KEY
from tests.learn.test_learner import Learning, all_through

FEATURES = ["log_orders", "log_recency_weeks"]
SAID: dict[str, Any] = {"features": FEATURES, "release_every": BLOCK}
NUMBERS = {
    "amount": AmountPrediction.model_validate(SAID | {"of": "net_revenue"}),
    "next_order": NextOrderPrediction.model_validate(SAID),
}
LATE = 2 * BLOCK
"""So many questions later each is answered."""

Truth = Callable[[Random, float], float]
"""What happens to a customer of so many orders."""


def revenue(dice: Random, orders: float) -> float:
    """Mostly nothing, sometimes much, more if there were orders before."""
    return dice.lognormvariate(3 + orders / 2, 1) if dice.random() < 0.3 + 0.1 * orders else 0.0


def days(dice: Random, orders: float) -> float:
    """Days until the next order, 28 at most."""
    return min(28.0, dice.expovariate(1 / (16 - 5 * orders)))


TRUTHS: dict[str, Truth] = {"amount": revenue, "next_order": days}


@dataclass
class Shop:
    """One model of numbers; `counts`: by which version each question was scored."""

    kind: str
    seed: int
    asked: list[Example] = field(default_factory=list)
    counts: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice, self.moment, self.heard = Random(self.seed), 0, 0
        self.learning = Learning({self.kind: NUMBERS[self.kind]})
        self.state, self.versions = PartitionState(), Versions(ModelBank(KEY, NUMBERS), DecideWatch())

    def open(self, blocks: int, truth: Truth | None = None) -> "Shop":
        """So many blocks of questions, whose answers are of this truth."""
        for _ in range(5 * blocks):
            for _ in range(BLOCK // 5):
                self._ask(truth or TRUTHS[self.kind])
            due = [self.asked.pop(0) for _ in range(max(0, len(self.asked) - LATE))]
            self.learning.hears_at_once(*due, *all_through(self.moment - LATE))
            self._follow()
        return self

    @property
    def acts(self) -> list[ModelAct]:
        """What learn did about the model."""
        written = [each for each in self.learning.written if each.topic == MODEL_AUDIT_TOPIC]
        return [ModelAct(**orjson.loads(each.value or b"")) for each in written]

    def _ask(self, truth: Truth) -> None:
        self.moment += 1
        orders = max(-2.0, min(2.0, self.dice.gauss(0, 1)))
        features = {"log_orders": orders, "log_recency_weeks": self.dice.gauss(0, 1)}
        said = self.versions.bank.score(self.kind, features)
        self.counts.append(said.model_version if said else None)
        value, version = (said.value, said.model_version) if said else (None, None)
        due_ms, label = self.moment + LATE, truth(self.dice, orders)
        self.asked.append(Example(self.kind, "s", self.moment, due_ms, features, label, value, version, due_ms))

    def _follow(self) -> None:
        """Decide does what the log says."""
        for each in self.learning.written[self.heard :]:
            event = decode_record(each.value or b"").event if each.topic == LOG_TOPIC and not each.partition else None
            if isinstance(event, ModelReleased | ModelGoverned):
                self.state = self.versions.after(self.state, event)
        self.heard = len(self.learning.written)
