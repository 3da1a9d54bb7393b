"""A model whose scores are worse than the base rate for long goes back: to its last good version, then to none."""

from dataclasses import replace

import orjson
import pytest

from streamproc.events.log import ModelGoverned, decode_record
from streamproc.events.model_audit import ModelAct
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC
from streamproc.events.training import Example
from streamproc.models.health.beside import BLOCK, BaseRate
from streamproc.models.health.retreat import MAX_KEPT, PATIENCE, RECOVERY, RetreatJudge
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.governing import Standing, standing_of, verify_act
from tests.builders import CHURN, KEY
from tests.decide.predictions.test_governed_models import Partition
from tests.learn.test_learner import LOG_PARTITIONS, Learning, all_through, example

SETTINGS = ChurnPrediction.model_validate(CHURN | {"release_every": BLOCK})


class Life(Learning):
    """The stage learn, told examples in blocks whose scores are good or bad."""

    def start(self) -> None:
        super().start()
        self.moment = 0
        self.trainer._learning["churn"].prediction = SETTINGS

    def block(self, version: int, *, good: bool) -> "Life":
        found: list[Example] = []
        for _ in range(BLOCK):
            self.moment += 1
            label = self.moment % 2
            score = 0.9 if bool(label) == good else 0.1
            told = example(self.moment, label=label, score=score)
            found.append(replace(told, model_version=f"churn-{version * BLOCK:09d}"))
        self.hears_at_once(*found, *all_through(self.moment))
        return self

    @property
    def acts(self) -> list[ModelAct]:
        return [ModelAct(**orjson.loads(each.value or b"")) for each in self.written if each.topic == MODEL_AUDIT_TOPIC]

    @property
    def governed(self) -> list[tuple[int | None, ModelGoverned]]:
        found = []
        for each in self.written:
            event = decode_record(each.value or b"").event if each.topic == LOG_TOPIC else None
            if isinstance(event, ModelGoverned):
                found.append((each.partition, event))
        return found


def test_a_model_that_is_bad_for_long_goes_back_to_its_last_good_version() -> None:
    life = Life().block(0, good=True).block(1, good=True)
    for number in range(PATIENCE):
        assert life.acts == []
        life.block(2 + number, good=False)
    [act] = life.acts
    assert (act.action, act.by, act.frozen) == ("retreat", "learn", True)
    assert (act.to_version, act.from_version) == ("churn-000000500", "churn-000003000")
    assert [partition for partition, _ in life.governed] == list(range(LOG_PARTITIONS))
    for _, governed in life.governed:
        verify_act(governed, KEY)
        assert governed.version == act.to_version
        assert governed.signature == act.signature


def test_decide_does_what_learn_says_by_the_records_that_learn_wrote() -> None:
    life, partition = Life().block(0, good=True).block(1, good=True), Partition()
    for number in range(2 * PATIENCE):
        life.block(2 + number if number < PATIENCE else 1, good=False)
    used: list[str | None] = []
    for each in life.written:
        if each.topic == LOG_TOPIC and each.partition == 0:
            partition.hears(decode_record(each.value or b"").event)  # type: ignore[arg-type]  # of models
            used.append(partition.used)
    released = [f"churn-{number * BLOCK:09d}" for number in range(1, 7)]
    assert used == [*released, *[released[0]] * (PATIENCE + 1), None]
    assert partition.errors == []
    assert standing_of(life.acts, "churn-000005000").counts is None


def test_scores_of_versions_from_before_the_retreat_do_not_count_and_bad_ones_of_the_good_version_do() -> None:
    life = Life().block(0, good=True).block(1, good=True)
    for number in range(3 * PATIENCE):
        life.block(min(2 + number, 5), good=False)
    assert len(life.acts) == 1
    for _ in range(PATIENCE):
        life.block(1, good=False)
    assert [act.to_version for act in life.acts] == ["churn-000000500", None]
    assert life.acts[1].from_version == "churn-000000500"
    assert [governed.release for _, governed in life.governed[LOG_PARTITIONS:]] == [None] * LOG_PARTITIONS
    assert life.governed[0][1].at_ms < life.governed[-1][1].at_ms


def test_a_model_that_was_never_good_goes_back_to_none() -> None:
    life = Life()
    for number in range(PATIENCE):
        life.block(number, good=False)
    assert [act.to_version for act in life.acts] == [None]


def test_one_good_block_in_between_is_enough_to_stay() -> None:
    life = Life()
    for number in range(3 * PATIENCE):
        life.block(number, good=number % PATIENCE == 0)
    assert life.acts == []


def test_a_model_that_somebody_brings_back_is_judged_anew() -> None:
    life = Life().block(0, good=True).block(1, good=True)
    for number in range(PATIENCE):
        life.block(2 + number, good=False)
    for number in range(PATIENCE):
        life.block(100 + number, good=False)
    assert [act.action for act in life.acts] == ["retreat", "retreat"]


def told_by_features(life: Life, blocks: int, version: int = 0, *, is_learned: bool = True) -> Life:
    """Answers that follow from a feature, or from none; scores are as bad as can be."""
    for _ in range(blocks):
        found = []
        for _ in range(BLOCK):
            life.moment += 1
            label = life.moment % 3 % 2
            told = example(life.moment, label=label, score=0.1 if label else 0.9)
            seen = label if is_learned else life.moment % 2
            features = {"log_recency_weeks": float(seen), "log_orders": 1.0, "log_views_7d": 0.0}
            found.append(replace(told, features=features, model_version=f"churn-{version * BLOCK:09d}"))
        life.hears_at_once(*found, *all_through(life.moment))
    return life


def test_a_model_comes_back_by_itself_when_what_is_in_training_is_clearly_better() -> None:
    life = told_by_features(Life(), PATIENCE, is_learned=False)
    assert [(act.action, act.to_version) for act in life.acts] == [("retreat", None)]
    told_by_features(life, RECOVERY)
    assert [act.action for act in life.acts] == ["retreat", "return"]
    back = life.acts[1]
    assert (back.from_version, back.to_version, back.frozen) == (
        None,
        f"churn-{(PATIENCE + RECOVERY) * BLOCK:09d}",
        False,
    )
    partition = Partition()
    for each in life.written:
        if each.topic == LOG_TOPIC and each.partition == 0:
            partition.hears(decode_record(each.value or b"").event)  # type: ignore[arg-type]  # of models
    assert partition.used == back.to_version
    assert partition.errors == []
    assert standing_of(life.acts, back.to_version).counts == back.to_version


def test_bad_scores_from_before_the_return_do_not_send_it_away_again_and_new_ones_do() -> None:
    life = told_by_features(told_by_features(Life(), PATIENCE, is_learned=False), RECOVERY)
    told_by_features(life, 2 * PATIENCE)
    assert [act.action for act in life.acts] == ["retreat", "return"]
    told_by_features(life, PATIENCE + 1, version=PATIENCE + RECOVERY, is_learned=False)
    assert [act.action for act in life.acts] == ["retreat", "return", "retreat"]
    moments = [act.at for act in life.acts]
    assert moments == sorted(set(moments))


def test_bad_scores_of_long_ago_send_nothing_back_if_what_is_in_training_is_better_by_now() -> None:
    assert told_by_features(Life(), 3 * PATIENCE).acts == []


def test_a_model_whose_question_is_changed_while_it_is_away_comes_back_too() -> None:
    life = told_by_features(Life(), PATIENCE, is_learned=False)
    learner = life.trainer._learning["churn"].learner
    learner.definition = "another question"
    learner.resume(SETTINGS)
    assert (learner.examples, learner.health.examples) == (PATIENCE * BLOCK, 0)
    told_by_features(life, RECOVERY + 1)
    assert [act.action for act in life.acts] == ["retreat", "return"]


def test_where_somebody_has_frozen_a_model_learn_brings_nothing_back() -> None:
    standing = Standing[str]("a", frozen=True, waiting="b")
    assert standing.governed("return", "b") is standing
    assert Standing[str](None, True, "b", True).governed("return", None).counts == "b"


@pytest.mark.slow
@pytest.mark.parametrize("at", range(6))
def test_a_learner_that_is_taken_over_retreats_alike(at: int) -> None:
    whole, cut = Life(), Life()
    for life in (whole, cut):
        for number in range(2 + PATIENCE):
            if life is cut and number == at:
                moment = life.moment
                life.restart()
                life.moment = moment
            life.block(number, good=number < 2)
    assert cut.written == whole.written
    assert len(whole.acts) == 1


def test_releases_are_kept_from_the_good_one_on_and_not_without_end() -> None:
    judge = RetreatJudge(BaseRate)
    judge.good = "m-002"
    dropped = [name for number in range(1, 6) for name in judge.released(f"m-{number:03d}")]
    assert (judge.kept, dropped) == (["m-002", "m-003", "m-004", "m-005"], ["m-001"])
    for number in range(6, 100):
        judge.released(f"m-{number:03d}")
    assert len(judge.kept) == MAX_KEPT
    assert (judge.kept[0], judge.kept[-1]) == ("m-002", "m-099")


def test_a_card_says_which_feature_has_moved_beside_which_version_that_counts_or_counts_again() -> None:
    life = Life()
    for version in (0, 0, 1, 1, 3, 3, 1, 1):
        life.block(version, good=True)
    found = [card["notes"]["psi"].rpartition(" ")[2] for card in life.cards[3:]]
    assert found == [f"churn-{number:09d}" for number in (500, 500, 1500, 1500, 500)]
