from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.facts import Progress
from streamproc.events.log import ModelReleased, decode_record
from streamproc.events.position import Position
from streamproc.events.times import DAY_MS
from streamproc.events.topics import LOG_TOPIC, MODELS_TOPIC
from streamproc.events.training import Example, Lesson, ModelCard
from streamproc.learn.learner import Learner, new_learner, order_of
from streamproc.learn.stage import LearnWatch, State, Trainer, codec, learner_key
from streamproc.models.kind import Predictions
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.processor.api import OutputRecord, PartitionContext, outputs_of
from tests.builders import ASKED, CHURN, KEY
from tests.memory_states import MemoryStates
from tests.trying import tried

SETTINGS = ChurnPrediction.model_validate(CHURN | {"release_every": 5})
LOG_PARTITIONS = 3


def example(
    answered_ms: int, subject: str = "s", label: int = 1, score: float | None = None, due_ms: int = 0
) -> Example:
    """As decide makes it; `placed` says where the log says so."""
    features = {name: float((answered_ms * (place + 3)) % 7) for place, name in enumerate(SETTINGS.features)}
    return Example("churn", subject, answered_ms - 5, answered_ms, features, label, score, None, due_ms)


def placed(told: Example, partition: int, offset: int) -> Example:
    return replace(told, position=Position("log", partition, offset, 0))


@dataclass
class Written:
    """A record of the training topic."""

    offset: int
    value: bytes | None
    topic: str = "streamproc.training.v1"
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = field(default_factory=list)


class Learning:
    """The stage learn over states in memory: what it wrote, and what it released."""

    def __init__(self, predictions: Predictions | None = None) -> None:
        self.predictions = predictions or {"churn": SETTINGS}
        self.states: MemoryStates[State] = MemoryStates(codec(KEY, self.predictions))
        self.written: list[OutputRecord] = []
        self.offset = 0
        self.start()

    def start(self) -> None:
        context: PartitionContext[State] = PartitionContext(
            "streamproc.training.v1", 0, "id", self.states, {LOG_TOPIC: LOG_PARTITIONS}
        )
        self.trainer = Trainer(self.predictions, KEY, LearnWatch(), context)
        deque(self.trainer.open(), 0)

    def restart(self) -> None:
        self.states.checkpoint()
        self.states = MemoryStates(codec(KEY, self.predictions), self.states.stored)
        self.start()

    def hears(self, *messages: Lesson | Progress) -> None:
        for message in messages:
            self.hears_at_once(message)

    def hears_at_once(self, *messages: Lesson | Progress) -> None:
        """All in one run, as a worker that is behind reads them."""
        offsets = range(self.offset, self.offset + len(messages))
        self.offset += len(messages)
        runs = [
            Written(offset, orjson.dumps(self.in_its_place(message, offset)))
            for offset, message in zip(offsets, messages, strict=True)
        ]
        self.written += outputs_of(self.trainer.process(runs))

    def in_its_place(self, message: Lesson | Progress, offset: int) -> Lesson | Progress:
        """What has no position yet was caused by a log partition that nothing else is of, in the order of telling."""
        if isinstance(message, Progress) or message.position is not None:
            return message
        return replace(message, position=Position("log", LOG_PARTITIONS, offset, 0))

    @property
    def learned(self) -> int:
        learner = self.states.get(learner_key("churn"))
        assert isinstance(learner, Learner)
        return learner.health.examples

    @property
    def cards(self) -> list[Any]:
        return [orjson.loads(record.value or b"") for record in self.written if record.topic == MODELS_TOPIC]

    @property
    def versions(self) -> list[tuple[str, str]]:
        return [(card["version"], card["snapshot"]) for card in self.cards]


def all_through(moment: int) -> list[Progress]:
    return [Progress(partition, LOG_PARTITIONS, moment) for partition in range(LOG_PARTITIONS)]


partitions = st.lists(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from("abcd")), max_size=10, unique=True).map(sorted),
    min_size=LOG_PARTITIONS,
    max_size=LOG_PARTITIONS,
)


def streams(logs: list[list[tuple[int, str]]]) -> list[list[Example | Progress]]:
    """Per log partition its examples in their order, each followed by how far the partition has come."""
    return [
        [
            message
            for offset, (moment, subject) in enumerate(log)
            for message in (
                placed(example(moment, f"{subject}{partition}", label=moment % 2), partition, offset),
                Progress(partition, LOG_PARTITIONS, moment),
            )
        ] + [Progress(partition, LOG_PARTITIONS, 100)]
        for partition, log in enumerate(logs)
    ]  # fmt: skip


@tried(40)
@given(partitions, st.lists(st.integers(0, LOG_PARTITIONS - 1), max_size=80))
def test_what_is_learned_does_not_depend_on_which_worker_was_faster(
    logs: list[list[tuple[int, str]]], turns: list[int]
) -> None:
    in_turn, one_after_another = Learning(), Learning()
    for stream in streams(logs):
        one_after_another.hears(*stream)
    waiting = streams(logs)
    for turn in [*turns, *[number for number, stream in enumerate(waiting) for _ in stream]]:
        if waiting[turn]:
            in_turn.hears(waiting[turn].pop(0))
    assert in_turn.versions == one_after_another.versions


@tried(40)
@given(partitions, st.integers(0, 60), st.booleans())
def test_what_decide_says_again_from_the_beginning_is_learned_once(
    logs: list[list[tuple[int, str]]], until: int, has_restarted: bool
) -> None:
    said = [message for stream in streams(logs) for message in stream]
    once, again = Learning(), Learning()
    once.hears(*said)
    again.hears(*said[:until])
    if has_restarted:
        again.restart()
    again.hears(*said)
    assert again.versions == once.versions
    assert again.learned == once.learned == sum(map(len, logs))


def test_an_example_that_says_something_else_in_the_same_place_is_not_learned() -> None:
    learning = Learning()
    learning.hears(placed(example(1), 0, 7), placed(example(2, "another"), 0, 7), placed(example(3), 0, 6))
    learning.hears(placed(example(4), 1, 6), placed(example(5), 0, 8), *all_through(100))
    assert learning.learned == 3


def test_an_example_without_a_position_ends_the_worker() -> None:
    with pytest.raises(ValueError, match="has no position"):
        list(Learning().trainer.process([Written(0, orjson.dumps(example(1)))]))


@tried(40)
@given(partitions, st.sets(st.integers(0, 40)))
def test_a_learner_that_is_restarted_learns_as_one_that_was_not(
    logs: list[list[tuple[int, str]]], stops: set[int]
) -> None:
    restarted, uninterrupted = Learning(), Learning()
    for number, message in enumerate(message for stream in streams(logs) for message in stream):
        if number in stops:
            restarted.restart()
        restarted.hears(message)
        uninterrupted.hears(message)
    assert restarted.versions == uninterrupted.versions


@tried(40)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=10, max_size=40),
    st.lists(st.integers(1, 8), max_size=40),
)
def test_what_is_learned_does_not_depend_on_where_runs_were_cut(
    told: list[tuple[int, bool]], lengths: list[int]
) -> None:
    messages: list[Example | Progress] = []
    for number, (moment, is_progress) in enumerate(told):
        messages += all_through(moment) if is_progress else [example(moment, f"s{number}", label=number % 2)]
    one_by_one, in_runs = Learning(), Learning()
    one_by_one.hears(*messages, *all_through(100))
    while messages:
        length = lengths.pop() if lengths else len(messages)
        in_runs.hears_at_once(*messages[:length])
        del messages[:length]
    in_runs.hears_at_once(*all_through(100))
    assert in_runs.versions == one_by_one.versions


def test_a_late_example_waits_for_the_next_progress() -> None:
    learning = Learning()
    learning.hears(*all_through(100), *[example(moment, f"s{moment}") for moment in range(1, 6)])
    assert learning.versions == []
    learning.hears(Progress(0, LOG_PARTITIONS, 101))
    assert len(learning.versions) == 1


def test_a_version_is_released_after_every_so_many_examples() -> None:
    learning = Learning()
    learning.hears(*[example(moment, f"s{moment}") for moment in range(1, 13)], *all_through(100))
    assert [version for version, _ in learning.versions] == ["churn-000000005", "churn-000000010"]


def test_nothing_is_learned_before_every_partition_has_come_so_far() -> None:
    learning = Learning()
    learning.hears(*[example(moment, f"s{moment}") for moment in range(1, 6)])
    learning.hears(Progress(0, 3, 100), Progress(1, 3, 100))
    assert learning.versions == []
    learning.hears(Progress(2, 3, 4))
    assert learning.versions == []
    learning.hears(Progress(2, 3, 5))
    assert len(learning.versions) == 1


def test_a_partition_never_goes_back() -> None:
    learner = new_learner("churn", SETTINGS)
    learner.hear(0, 1, 100)
    learner.hear(0, 1, 50)
    assert learner.complete_ms == 100


def test_a_release_goes_to_every_partition_of_the_customer_log_and_scores_there() -> None:
    learning = Learning()
    learning.hears(*[example(moment, f"s{moment}") for moment in range(1, 6)], *all_through(100))
    releases = [record for record in learning.written if record.topic == LOG_TOPIC]
    assert [record.partition for record in releases] == [0, 1, 2]
    logged = decode_record(releases[0].value or b"").event
    assert isinstance(logged, ModelReleased)
    assert ModelBank(KEY, ASKED).with_release(logged).version("churn") == "churn-000000005"


def cards(learner: Learner, examples: Iterable[Example]) -> list[ModelCard]:
    """What is released while it learns them."""
    return [card for each in examples if (card := learner.learn(each, SETTINGS, KEY)) is not None]


def test_a_card_tells_how_good_the_scores_were() -> None:
    learner = new_learner("churn", SETTINGS)
    examples = [example(moment, label=moment % 2, score=0.9 if moment % 2 else 0.3) for moment in range(1, 6)]
    [card] = cards(learner, examples)
    assert card.metrics["positive_rate"] == 0.6
    assert card.metrics["brier"] == pytest.approx((3 * 0.1**2 + 2 * 0.3**2) / 5)
    assert card.metrics["roc_auc"] == 1
    assert (card.examples, card.features) == (5, SETTINGS.features)


def test_a_card_has_no_roc_auc_while_all_answers_are_the_same() -> None:
    learner = new_learner("churn", SETTINGS)
    [card] = cards(learner, [example(moment, label=1, score=0.9) for moment in range(1, 6)])
    assert "roc_auc" not in card.metrics
    assert card.metrics["scored"] == 5


def test_examples_without_a_score_are_learned_from_and_not_judged() -> None:
    learner = new_learner("churn", SETTINGS)
    [card] = cards(learner, [example(moment) for moment in range(1, 6)])
    assert card.metrics == {"positive_rate": 1, "label_delay_days": pytest.approx(5 / DAY_MS, abs=1e-6)}


def test_who_answers_early_is_learned_from_when_all_who_were_asked_have_answered() -> None:
    learning = Learning()
    stayed = [example(moment, f"s{moment}", label=0, due_ms=50) for moment in range(1, 5)]
    learning.hears(*stayed, *all_through(49))
    learning.hears(example(50, "left", due_ms=50))
    assert learning.versions == []
    learning.hears(*all_through(50))
    assert [version for version, _ in learning.versions] == ["churn-000000005"]


def test_examples_are_learned_in_the_order_of_their_answers_and_then_of_their_subjects() -> None:
    some = [example(2, "a"), example(1, "b"), example(1, "a")]
    assert [order_of(each) for each in sorted(some, key=order_of)] == [(1, "a"), (1, "b"), (2, "a")]
