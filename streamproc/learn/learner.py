"""Learning in event-time order: examples wait until every partition of the customer log has come that far.

So the model does not depend on which worker was faster. A version is released after every N examples, which is a
point of the examples' order and of nothing else.
"""

from dataclasses import dataclass, field
from hashlib import blake2b

from streamproc.events.times import rfc3339
from streamproc.events.training import Example, Lesson, ModelCard
from streamproc.models.health.watched import WatchedMetrics
from streamproc.models.kind import ModelMetrics, Prediction
from streamproc.models.releases.snapshots import pack, sign
from streamproc.models.scorer import Model

Order = tuple[int, str]
"""When an example is learned, and whose it is: the order of learning."""


def order_of(lesson: Lesson) -> Order:
    """The lesson's place in the order of learning: of an example, when every question of its moment is answered.

    Who orders answers at once, who leaves answers when the horizon has passed. Learned as they come, the newest
    examples would all be of those who stayed, and the model would be too sure of them.
    """
    due_ms = max(lesson.due_ms, lesson.answered_ms) if isinstance(lesson, Example) else lesson.due_ms
    return (due_ms, lesson.subject)


@dataclass(slots=True)
class Learner:
    """The model in training for a prediction, how good its versions were, and how far each partition has come.

    `definition` is a digest of what is asked; `before`: how many examples were learned while it was something else.
    """

    name: str
    model: Model
    health: ModelMetrics
    progress: dict[int, int] = field(default_factory=dict)
    partitions: int = 0
    trained_through_ms: int = 0
    definition: str = ""
    before: int = 0

    def resume(self, prediction: Prediction) -> None:
        """Learn on under a configuration that may be another one; what was learned of another question is forgotten.

        Raises:
            SnapshotError: what it knows cannot be used.
        """
        new = new_learner(self.name, prediction)
        if self.definition == new.definition and type(self.health) is type(new.health):
            self.model = prediction.resumed(self.model)
        else:
            self.before += self.health.examples
            if isinstance(self.health, WatchedMetrics) and isinstance(new.health, WatchedMetrics):
                self.health.judge.ask_anew(new.health.judge)
                new.health.judge = self.health.judge  # a model that is away is still waited for
                new.health.stability.go_on_from(self.health.stability)
            self.model, self.health, self.definition = new.model, new.health, new.definition

    @property
    def examples(self) -> int:
        """How many were learned under this name, whatever was asked; versions are named by it."""
        return self.before + self.health.examples

    @property
    def is_away(self) -> bool:
        """Whether the model has gone back, since its scores were bad for long."""
        return isinstance(self.health, WatchedMetrics) and self.health.judge.is_away

    @property
    def complete_ms(self) -> int | None:
        """Up to where all examples are known."""
        if not self.partitions or len(self.progress) < self.partitions:
            return None
        return min(self.progress.values())

    def hear(self, partition: int, partitions: int, through_ms: int) -> None:
        """A partition has come this far."""
        self.partitions = partitions
        self.progress[partition] = max(through_ms, self.progress.get(partition, through_ms))

    def learn(self, lesson: Lesson, prediction: Prediction, key: bytes) -> ModelCard | None:
        """Learn the next lesson in the order of learning; gives the version that is released after it, if one is.

        A lesson of what had this name before, and was of another kind, is passed over.
        """
        if not prediction.teach(self.model, self.health, lesson):
            return None
        self.trained_through_ms = max(self.trained_through_ms, order_of(lesson)[0])
        return None if self.examples % prediction.release_every else self._release(prediction, key)

    def _release(self, prediction: Prediction, key: bytes) -> ModelCard:
        version = f"{self.name}-{self.examples:09d}"
        snapshot = pack(prediction.released(self.model))
        if isinstance(self.health, WatchedMetrics):
            self.health.stability.released(version)
        return ModelCard(
            model=self.name,
            version=version,
            examples=self.health.examples,
            trained_through=rfc3339(self.trained_through_ms),
            features=prediction.features,
            metrics=self.health.values(),
            parameters=prediction.parameters(self.model),
            snapshot=snapshot,
            signature=sign(self.name, version, snapshot, key),
            notes=self.health.notes() if isinstance(self.health, WatchedMetrics) else {},
        )


def new_learner(name: str, prediction: Prediction) -> Learner:
    """A learner that has seen nothing."""
    definition = blake2b(prediction.definition.encode(), digest_size=8).hexdigest() if prediction.definition else ""
    return Learner(name, prediction.new_model(), prediction.new_metrics(), definition=definition)
