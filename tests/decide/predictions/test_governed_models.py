"""Which version of a model scores, after releases and acts in any order; and what is not obeyed."""

from collections import deque
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.decide.clock.event_time import (
    GOVERNED_VERSION,
    Governed,
    PartitionState,
    decode_partition_state,
    encode_partition_state,
)
from streamproc.decide.predictions.versions import Versions
from streamproc.decide.stage import Decider
from streamproc.decide.states import CODEC
from streamproc.decide.watch import DecideWatch
from streamproc.events.log import CONTROL_KEY, GovernAction, ModelGoverned, ModelReleased, encode_record
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.governing import sign_act
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.api import InputRecord, PartitionContext
from tests.builders import KEY, NOON, NOON_MS, plan, release
from tests.memory_states import MemoryStates
from tests.special_models import PREDICTIONS, special_release
from tests.trying import tried

RULES = plan()
ACTIONS: tuple[GovernAction, ...] = ("freeze", "rollback", "promote", "unfreeze", "retreat")


@cache
def version(number: int) -> ModelReleased:
    found: ModelReleased = release(RULES.models["churn"], label=number % 2, version=f"churn-{number}")
    return found


def act(action: GovernAction, number: int | None = None, at_ms: int = NOON_MS, key: bytes = KEY) -> ModelGoverned:
    release = None if number is None else version(number)
    unsigned = ModelGoverned(action=action, model="churn", at_ms=at_ms, release=release)
    return unsigned.model_copy(update={"signature": sign_act(unsigned, key)})


class Partition(DecideWatch):
    """The stage decide over one partition that only hears of models."""

    def __init__(self) -> None:
        self.states: MemoryStates[Any] = MemoryStates(CODEC)
        self.offset = 0
        self.errors: list[str] = []
        self.start()

    def start(self) -> None:
        self.used: str | None = None
        self.frozen = False
        context = PartitionContext(LOG_TOPIC, 0, "log", self.states, {LOG_TOPIC: 1, FACTS_TOPIC: 1})
        self._decider = Decider(RULES, ModelBank(KEY, RULES.predictions), frozenset(), self, context)
        deque(self._decider.open(), 0)

    def restart(self) -> None:
        self.states.checkpoint()
        self.states = MemoryStates(CODEC, self.states.stored)
        self.start()

    def hears(self, *news: ModelReleased | ModelGoverned) -> "Partition":
        for each in news:
            value = encode_record(each, NOON_MS, NOON_MS)
            record = InputRecord(LOG_TOPIC, 0, self.offset, NOON_MS, CONTROL_KEY, value)
            deque(self._decider.process([record]), 0)
            self.offset += 1
        return self

    @property
    def state(self) -> PartitionState:
        known = self.states.get(CONTROL_KEY)
        return known if isinstance(known, PartitionState) else PartitionState()

    @property
    def counts(self) -> str | None:
        known = self.state.releases.get("churn")
        return known.version if known else None

    def released(self, release: ModelReleased) -> None:
        self.used = release.version

    def withdrawn(self, model: str) -> None:
        self.used = None

    def governed(self, model: str, *, frozen: bool) -> None:
        assert model == "churn"
        self.frozen = frozen

    def refused(self, news: ModelReleased | ModelGoverned, error: SnapshotError) -> None:
        self.errors.append(str(error))


def test_a_model_that_is_rolled_back_stays_there_until_it_is_unfrozen() -> None:
    partition = Partition().hears(version(1), version(2), act("rollback", 1), version(3))
    assert (partition.counts, partition.used, partition.frozen) == ("churn-1", "churn-1", True)
    partition.hears(act("unfreeze", at_ms=NOON_MS + 1))
    assert (partition.counts, partition.used, partition.frozen) == ("churn-3", "churn-3", False)
    assert partition.hears(version(4)).used == "churn-4"


def test_a_frozen_model_keeps_its_version_and_the_newest_of_those_that_wait_counts_afterwards() -> None:
    partition = Partition().hears(version(1), act("freeze", 1), version(2), version(3))
    assert partition.used == "churn-1"
    assert partition.hears(act("unfreeze", at_ms=NOON_MS + 1)).used == "churn-3"


def test_a_freeze_keeps_the_version_that_it_names_also_where_a_later_one_came_first() -> None:
    assert Partition().hears(version(1), version(2), act("freeze", 1)).used == "churn-1"


def test_a_promoted_version_counts_until_the_next_release() -> None:
    partition = Partition().hears(version(1), version(2), act("promote", 1))
    assert (partition.used, partition.frozen) == ("churn-1", False)
    assert partition.hears(version(3)).used == "churn-3"


def test_without_a_release_meanwhile_an_unfrozen_model_stays_where_it_is() -> None:
    partition = Partition().hears(version(1), version(2), act("rollback", 1), act("unfreeze", at_ms=NOON_MS + 1))
    assert (partition.counts, partition.frozen) == ("churn-1", False)
    assert partition.hears(version(3)).used == "churn-3"


def test_an_act_that_comes_again_changes_nothing() -> None:
    roll_back, unfreeze = act("rollback", 1), act("unfreeze", at_ms=NOON_MS + 1)
    partition = Partition().hears(version(1), version(2), roll_back, version(3), roll_back, unfreeze)
    before = encode_partition_state(partition.state)
    partition.hears(roll_back, unfreeze)
    assert encode_partition_state(partition.state) == before
    assert (partition.used, partition.errors) == ("churn-3", [])


def test_a_partition_that_is_taken_over_goes_on_frozen() -> None:
    partition = Partition().hears(version(1), version(2), act("rollback", 1), version(3))
    partition.restart()
    assert (partition.used, partition.frozen) == ("churn-1", True)
    assert partition.hears(act("unfreeze", at_ms=NOON_MS + 1)).used == "churn-3"


def test_a_model_that_retreats_to_no_version_scores_nobody_until_it_is_brought_back() -> None:
    partition = Partition().hears(version(1), version(2), act("retreat", at_ms=5), version(3))
    assert (partition.counts, partition.used, partition.frozen) == (None, None, True)
    partition.restart()
    assert partition.used is None
    assert partition.hears(act("unfreeze")).used == "churn-3"


def test_where_somebody_has_frozen_a_model_it_does_not_retreat() -> None:
    partition = Partition().hears(version(1), version(2), act("freeze", 2), act("retreat", 1, at_ms=5))
    assert partition.used == "churn-2"
    partition.hears(act("unfreeze", at_ms=NOON_MS + 1), act("retreat", 1, at_ms=6))
    assert (partition.used, partition.errors) == ("churn-1", [])


def test_what_learn_says_in_event_time_and_somebody_by_the_clock_do_not_get_in_each_others_way() -> None:
    partition = Partition().hears(version(1), version(2), act("promote", 2), act("retreat", 1, at_ms=5))
    assert partition.used == "churn-1"
    assert partition.hears(act("promote", 2, at_ms=NOON_MS + 1), act("retreat", 1, at_ms=5)).used == "churn-2"


def changed(given: ModelGoverned, **fields: Any) -> ModelGoverned:
    return given.model_copy(update=fields)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (act("rollback", 1, key=b"another key, not ours"), "wrong signature"),
        (changed(act("rollback", 1), signature=""), "wrong signature"),
        (changed(act("rollback", 1), action="promote"), "wrong signature"),
        (changed(act("rollback", 1), at_ms=NOON_MS + 1), "wrong signature"),
        (changed(act("rollback", 1), release=version(2)), "wrong signature"),
        (changed(act("rollback", 1), release=None), "wrong signature"),
        (changed(act("rollback", 1), release=changed(version(1), snapshot="{}")), "wrong signature"),  # type: ignore[arg-type]
        (act("freeze"), "says no version"),
        (changed(act("unfreeze"), model="uplift"), "wrong signature"),
    ],
)
def test_an_act_that_is_not_ours_or_damaged_is_told_and_not_obeyed(bad: ModelGoverned, why: str) -> None:
    partition = Partition().hears(version(1), version(2), bad)
    assert len(partition.errors) == 1
    assert why in partition.errors[0]
    assert (partition.used, partition.frozen, partition.state.governed) == ("churn-2", False, {})
    assert partition.hears(version(3)).used == "churn-3"


def test_a_version_that_could_not_be_used_does_not_wait() -> None:
    damaged = version(3).model_copy(update={"signature": "00"})
    partition = Partition().hears(version(1), act("freeze", 1), version(2), damaged)
    assert len(partition.errors) == 1
    assert partition.hears(act("unfreeze", at_ms=NOON_MS + 1)).used == "churn-2"


class Reference:
    """How it is meant, in the simplest words: of a model's versions, by their names."""

    def __init__(self) -> None:
        self.counts: str | None = None
        self.frozen = False
        self.waiting: str | None = None
        self.retreated = False

    def hears(self, news: ModelReleased | ModelGoverned) -> None:
        if isinstance(news, ModelReleased):
            if self.frozen:
                self.waiting = news.version
            else:
                self.counts = news.version
        elif news.action == "retreat" and self.frozen and not self.retreated:
            return
        elif news.action == "unfreeze":
            self.retreated = False
            if self.waiting is not None:
                self.counts = self.waiting
            self.frozen, self.waiting = False, None
        else:
            self.counts = news.version or None
            self.retreated = news.action == "retreat"
            self.frozen = news.action != "promote"
            if not self.frozen:
                self.waiting = None


numbers = st.integers(1, 6)
histories = st.lists(numbers | st.tuples(st.sampled_from(ACTIONS), numbers), max_size=15)


@tried(100)
@given(histories, st.sets(st.integers(0, 14), max_size=3))
def test_what_counts_is_what_the_reference_says_after_any_history_and_any_take_overs(
    history: list[Any], restarts: set[int]
) -> None:
    partition, reference = Partition(), Reference()
    for place, each in enumerate(history):
        if isinstance(each, int):
            news: Any = version(each)
        else:
            action, number = each
            names_none = action == "unfreeze" or (action == "retreat" and number > 4)
            news = act(action, None if names_none else number, NOON_MS + place)
        partition.hears(news)
        reference.hears(news)
        if place in restarts:
            partition.restart()
        standing = partition.state.standing("churn")
        waiting = standing.waiting and standing.waiting.version
        assert (partition.counts, standing.frozen, waiting) == (reference.counts, reference.frozen, reference.waiting)
        assert partition.used == reference.counts
        assert decode_partition_state(encode_partition_state(partition.state)) == partition.state
    assert partition.errors == []


def test_the_bytes_of_a_governed_partition_are_these() -> None:
    waits = ModelReleased(
        model="churn", version="churn-1", snapshot="s", signature="t", trained_through=NOON, examples=5
    )
    state = PartitionState(governed={"churn": Governed(7, frozen=True, waiting=waits), "buys": Governed(8)})
    assert encode_partition_state(state) == bytes([GOVERNED_VERSION]) + (
        b'{"complete":{},"counting":[],"governed":{"buys":{"at_ms":8,"frozen":false,"retreated":false,"retreated_ms":-1,"waiting":null},'
        b'"churn":{"at_ms":7,"frozen":true,"retreated":false,"retreated_ms":-1,"waiting":{"examples":5,"model":"churn","signature":"t","snapshot":"s",'
        b'"trained_through":"2024-05-01T12:00:00Z","type":"model_released","version":"churn-1"}}},'
        b'"releases":{},"timekeeper":{"partitions":{},"passed_on":{},"through":{},"told":{}}}'
    )
    assert decode_partition_state(encode_partition_state(state)) == state


def test_a_partition_about_which_nothing_was_decided_has_the_bytes_that_it_had_before() -> None:
    assert encode_partition_state(PartitionState())[:1] == b"\x81"


def ready(versions: Versions, name: str) -> str | None:
    """Which version of a model that asks nobody anything is used, of whatever shape it is."""
    bank = versions.bank
    if name == "for_you":
        return bank.version(name) if bank.ranker(name) else None
    used = bank.figures if name == "rfm" else bank.clusters
    return used.version if used else None


def obey(action: GovernAction, told: ModelReleased, at_ms: int) -> ModelGoverned:
    unsigned = ModelGoverned(
        action=action, model=told.model, at_ms=at_ms, release=None if action == "unfreeze" else told
    )
    return unsigned.model_copy(update={"signature": sign_act(unsigned, KEY)})


@pytest.mark.parametrize("name", PREDICTIONS)
def test_what_asks_nobody_anything_is_frozen_rolled_back_and_brought_forward_as_all_models(name: str) -> None:
    state, versions = PartitionState(), Versions(ModelBank(KEY, PREDICTIONS), DecideWatch())
    first, second, third = (special_release(name, number, KEY) for number in (1, 2, 3))
    news: list[tuple[ModelReleased | ModelGoverned, ModelReleased]] = [
        (first, first),
        (second, second),
        (obey("rollback", first, 1), first),
        (third, first),
        (obey("unfreeze", third, 2), third),
        (obey("promote", second, 3), second),
        (obey("freeze", second, 4), second),
    ]
    for said, counts in news:
        state = versions.after(state, said)
        again = Versions(ModelBank(KEY, PREDICTIONS), DecideWatch())
        again.begin(decode_partition_state(encode_partition_state(state)))
        assert (ready(versions, name), ready(again, name)) == (counts.version, counts.version)
