"""The stage learn: answered questions in, released model versions out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush

import orjson

from streamproc.events.log import CONTROL_KEY, ModelReleased, encode_record
from streamproc.events.position import Position
from streamproc.events.times import from_epoch_ms
from streamproc.events.topics import LEARN_STATE_TOPIC, LOG_TOPIC, MODEL_AUDIT_TOPIC, MODELS_TOPIC, TRAINING_TOPIC
from streamproc.events.training import Basket, Example, Lesson, ModelCard
from streamproc.learn.codec import (
    decode_learner,
    decode_lesson,
    decode_position,
    decode_product,
    decode_release,
    encode_learner,
    encode_lesson,
    encode_position,
    encode_product,
    encode_release,
    lesson_of,
)
from streamproc.learn.learner import Learner, Order, new_learner, order_of
from streamproc.learn.retreats import act_of, keep
from streamproc.models.kind import ModelMetrics, Prediction, Predictions
from streamproc.models.ranking.ranking_model import RankingModel
from streamproc.models.ranking.shop import Product
from streamproc.models.releases.seal import Seal
from streamproc.processor.api import Codec, OutputRecord, PartitionContext, Record, Resumable, Source, Stage, Step

STAGE = "learn"
_APPLIED = b"applied/"

State = Learner | Lesson | Position | ModelReleased | Product


def learner_key(name: str) -> bytes:
    """Where the learner of a prediction is kept."""
    return b"learner/" + name.encode()


def part_key(name: str, part: str) -> bytes:
    """Where a part of a prediction's model is kept, if it is kept apart."""
    return f"part/{name}/{part}".encode()


def name_of_part(key: bytes) -> str:
    """Of which prediction's model a part is."""
    return key.split(b"/")[1].decode()


class LearnWatch:
    """Is told how learning goes; this one tells nobody."""

    def kept(self, model: str) -> None:
        """An example of a model came."""

    def learned(self, model: str, health: ModelMetrics) -> None:
        """How good the released versions of a model are now."""

    def retreated(self, model: str) -> None:
        """A model has gone back to an earlier version, or to none."""

    def waits(self, model: str, since_ms: int | None) -> None:
        """The example of a model that is learned next was due then (epoch ms); None: none waits."""


SILENT = LearnWatch()


def encode_state(state: State) -> bytes:
    """The bytes of a state of learn."""
    match state:
        case Learner():
            return encode_learner(state)
        case Example() | Basket():
            return encode_lesson(state)
        case Position():
            return encode_position(state)
        case ModelReleased():
            return encode_release(state)
        case Product():
            return encode_product(state)


def decode_state(raw: bytes, predictions: Predictions) -> State:
    """The state of its bytes: a lesson is a JSON object, a position a list, a release behind an `r`, a product a `p`.

    Raises:
        SnapshotError: it is damaged, or of another shape.
        NewerVersionError: a newer release wrote it.
    """
    match raw[:1]:
        case b"{":
            return decode_lesson(raw)
        case b"[":
            return decode_position(raw)
        case b"r":
            return decode_release(raw)
        case b"p":
            return decode_product(raw)
        case _:
            return decode_learner(raw, predictions)


def codec(signing_key: bytes, predictions: Predictions) -> Codec[State]:
    """States sealed with the signing key: what somebody else put into the changelog is refused (`SnapshotError`)."""
    seal = Seal.of(signing_key, b"learn state")
    return Codec(
        lambda state: seal.sealed(encode_state(state)), lambda raw: decode_state(seal.opened(raw), predictions)
    )


def detached(key: bytes, state: State) -> tuple[bytes, State]:
    """A waiting example under a key that no example of a topic that begins anew will have."""
    return (b"earlier/" + key if isinstance(state, Example | Basket) else key), state


def stage(predictions: Predictions, signing_key: bytes, watch: LearnWatch = SILENT) -> Stage:
    """The stage."""
    make = partial(Trainer, predictions, signing_key, watch)
    source = Source((TRAINING_TOPIC,), make, LEARN_STATE_TOPIC, codec(signing_key, predictions), detached)
    return Stage(STAGE, (source,), (MODELS_TOPIC, LOG_TOPIC, MODEL_AUDIT_TOPIC))


@dataclass
class _Learning:
    """A prediction's learner, and the keys of the examples that wait for it, in the order of learning."""

    prediction: Prediction
    learner: Learner
    waiting: list[tuple[Order, bytes]] = field(default_factory=list)
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.key = learner_key(self.learner.name)

    def wait(self, lesson: Lesson, key: bytes) -> None:
        """One more lesson waits."""
        heappush(self.waiting, (order_of(lesson), key))

    @property
    def next_due_ms(self) -> int | None:
        """When the example is due that is learned next."""
        return self.waiting[0][0][0] if self.waiting else None

    def complete(self) -> Iterator[bytes]:
        """The examples that nothing older can follow any more; they do not wait any longer."""
        complete = self.learner.complete_ms
        while complete is not None and self.waiting and self.waiting[0][0][0] <= complete:
            yield heappop(self.waiting)[1]


class Trainer:
    """Learns the examples of the one training partition: each prediction has a learner of its own."""

    def __init__(
        self, predictions: Predictions, signing_key: bytes, watch: LearnWatch, context: PartitionContext[State]
    ) -> None:
        self._signing_key = signing_key
        self._decode = codec(signing_key, predictions).decode
        self._watch = watch
        self._states = context.states
        self._log_partitions = context.partitions[LOG_TOPIC]
        self._learning = {
            name: _Learning(prediction, new_learner(name, prediction)) for name, prediction in predictions.items()
        }

    def open(self) -> Iterator[None]:
        """Find the models and the examples that wait for their turn."""
        for learning in self._learning.values():
            known = self._states.get(learning.key)
            if isinstance(known, Learner):
                learning.learner = known
        for key, raw in self._states.raw_items():
            match state := self._decode(raw):
                case Example() | Basket() if state.model in self._learning:
                    self._learning[state.model].wait(state, key)
                case Product():
                    self._put_back(state, key)
            yield
        self._show()

    def _put_back(self, product: Product, key: bytes) -> None:
        """A part of a model that is kept apart; of one that has been forgotten since it is dropped."""
        learning = self._learning.get(name_of_part(key))
        if learning is None or not isinstance(learning.learner.model, RankingModel):
            return
        if learning.learner.health.examples:
            learning.prediction.put_back(learning.learner.model, product)
        else:
            self._states.put(key, None)

    def process(self, records: Sequence[Record]) -> Iterator[Step]:
        """Examples wait; progress has those learned that are complete, in their order, wherever a run was cut."""
        for record in records:
            message = orjson.loads(record.value or b"{}")
            if message["type"] != "progress":
                self._keep(lesson_of(message), record)
            else:
                for learning in self._learning.values():
                    learning.learner.hear(message["partition"], message["partitions"], message["through_ms"])
                    yield from self._learn(learning, record.offset)
                    self._remember(learning)
            yield Resumable(record.offset + 1)
        self._show()

    def _learn(self, learning: "_Learning", offset: int) -> Iterator[Step]:
        """Learn example after example: what is learned does not wait any more, for a next owner neither."""
        for key in learning.complete():
            example = self._states.get(key)
            self._states.put(key, None)
            if isinstance(example, Example | Basket):
                card = learning.learner.learn(example, learning.prediction, self._signing_key)
                if card is not None:
                    yield from self._released(card, learning.learner)
                acts = act_of(learning.learner, self._states, self._signing_key, self._log_partitions)
                if acts and learning.learner.is_away:
                    self._watch.retreated(learning.learner.name)
                yield from acts
                self._remember(learning)
                yield Resumable(offset)

    def _remember(self, learning: "_Learning") -> None:
        learner = learning.learner
        for name, part in learning.prediction.take_changed(learner.model):
            self._states.put(part_key(learner.name, name), part)
        self._states.put(learning.key, learner)

    def _show(self) -> None:
        for name, learning in self._learning.items():
            self._watch.learned(name, learning.learner.health)
            self._watch.waits(name, learning.next_due_ms)

    def _keep(self, example: Lesson, record: Record) -> None:
        """An example waits for its turn, unless decide has said it before, or nobody learns from it any more."""
        if not self._is_new(example.position) or example.model not in self._learning:
            return
        key = b"example/%020d" % record.offset
        self._states.put(key, example)
        self._learning[example.model].wait(example, key)
        self._watch.kept(example.model)

    def _is_new(self, position: Position | None) -> bool:
        """Whether it stands behind all examples of its log partition that were taken; then it is the last of them."""
        if position is None:
            raise ValueError(f"{TRAINING_TOPIC} has an example that decide did not write: it has no position")
        key = _APPLIED + b"%d" % position.partition
        applied = self._states.get(key)
        is_new = position.is_after(applied if isinstance(applied, Position) else None)
        if is_new:
            self._states.put(key, position)
        return is_new

    def _released(self, card: ModelCard, learner: Learner) -> Iterator[OutputRecord]:
        """The card for people, and the release in every partition of the customer log, for decide."""
        through_ms = learner.trained_through_ms
        yield OutputRecord(MODELS_TOPIC, f"{card.model}/{card.version}".encode(), orjson.dumps(card), 0)
        release = ModelReleased.model_construct(
            model=card.model,
            version=card.version,
            snapshot=card.snapshot,
            signature=card.signature,
            trained_through=from_epoch_ms(through_ms),
            examples=card.examples,
        )
        keep(learner, release, self._states)
        value = encode_record(release, through_ms, through_ms)
        for partition in range(self._log_partitions):
            yield OutputRecord(LOG_TOPIC, CONTROL_KEY, value, partition)
