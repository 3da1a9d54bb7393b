"""Decisions by features that `config/features.toml` declares."""

from collections import deque
from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from streamproc.decide.plan import Plan
from streamproc.decide.stage import Decider
from streamproc.decide.states import CODEC, State
from streamproc.decide.watch import DecideWatch
from streamproc.events.decisions import Score, Trigger
from streamproc.events.log import CONTROL_KEY, TWICE, Complete, encode_record
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.api import InputRecord, PartitionContext
from tests.builders import KEY, NO_MODELS, NOON_MS, Shop, on_order, order, plan, release, sent_by
from tests.memory_states import MemoryStates

NIGHTS: dict[str, Any] = {
    "name": "night_orders",
    "description": "Purchases in the last 14 nights.",
    "event": "order_placed",
    "where": {"is_paid": True},
    "window": "14d",
    "hours": [22, 6],
}
OWL = on_order(name="night_owl", where=[{"feature": "night_orders", "at_least": 2}])
SCORED = {"features": ["log_orders", "night_orders"]}


def test_a_trigger_can_ask_for_purchases_in_the_last_nights() -> None:
    shop = Shop(plan(OWL, features=[NIGHTS]))  # noon of 1 May is the beginning of time
    outcomes = shop.sees(order(hours=11), order(hours=13, pounds=0), order(hours=20), order(hours=16))
    assert [sent_by([outcome]) for outcome in outcomes] == [[], [], [], ["night_owl"]]
    [trigger] = [decision for decision in outcomes[3].decisions if isinstance(decision, Trigger)]
    assert trigger.values == {"night_orders": 2}


def test_offers_and_segments_can_ask_for_a_declared_feature() -> None:
    where = [{"feature": "night_orders", "at_least": 1}]
    rules = plan(
        offers={"offer": [{"id": "lamp", "content": "A lamp", "where": where}]},
        segments=[{"name": "owls", "where": where}],
        features=[NIGHTS],
    )
    by_day, by_night = Shop(rules).sees(order(), order(hours=11))
    assert [decision.type for decision in by_day.decisions] == []
    assert [decision.type for decision in by_night.decisions] == ["segment_changed", "offer_chosen"]


def test_a_model_scores_with_a_declared_feature_and_learns_from_it() -> None:
    rules = plan(churn=SCORED, features=[NIGHTS])
    shop = Shop(rules, NO_MODELS.with_release(release(rules.models["churn"])))
    first, second = shop.sees(order(hours=11), order(days=1, hours=11))
    [score] = [decision for decision in first.decisions if isinstance(decision, Score)]
    [example] = second.examples
    assert score.model_version == "churn-1"
    assert example.features[rules.declared.model_names["night_orders"]] == 1


def test_what_was_asked_by_another_definition_is_not_learned_from() -> None:
    shop = Shop(plan(churn=SCORED, features=[NIGHTS]))
    shop.sees(order(hours=11))
    shop.plan = plan(churn=SCORED, features=[NIGHTS | {"window": "28d"}])
    [outcome] = shop.sees(order(days=1))
    assert outcome.examples == ()


def test_a_release_that_learned_from_a_definition_that_is_gone_still_counts() -> None:
    before = plan(churn=SCORED, features=[NIGHTS])
    bank = NO_MODELS.with_release(release(before.models["churn"]))
    assert bank.version("churn") == "churn-1"
    with pytest.raises(SnapshotError, match="features that this release does not have: no_such_feature"):
        NO_MODELS.with_release(release(plan(churn={"features": ["no_such_feature"]}).models["churn"]))


class Noting(DecideWatch):
    """Notes which features begin."""

    def __init__(self) -> None:
        self.begun: set[str] = set()

    def begins(self, names: AbstractSet[str]) -> None:
        self.begun |= names


def begun_by(rules: Plan, states: MemoryStates[State]) -> set[str]:
    """What a worker says that takes over a partition, and has its event time moved."""
    watch = Noting()
    context: PartitionContext[State] = PartitionContext(LOG_TOPIC, 0, "log", states, {LOG_TOPIC: 1, FACTS_TOPIC: 1})
    decider = Decider(rules, ModelBank(KEY, rules.predictions), frozenset(), watch, context)
    deque(decider.open(), 0)
    complete = encode_record(Complete(hops=TWICE, through_ms=NOON_MS), NOON_MS, NOON_MS)
    deque(decider.process([InputRecord(LOG_TOPIC, 0, 0, NOON_MS, CONTROL_KEY, complete)]), 0)
    states.checkpoint()
    return watch.begun


def test_a_worker_says_once_which_features_begin_at_nothing() -> None:
    states: MemoryStates[State] = MemoryStates(CODEC)
    renamed, changed = NIGHTS | {"name": "nights"}, NIGHTS | {"hours": [23, 6]}
    assert begun_by(plan(), states) == set()
    assert begun_by(plan(features=[NIGHTS]), states) == {"night_orders"}
    assert begun_by(plan(features=[NIGHTS]), states) == set()
    assert begun_by(plan(features=[renamed]), states) == set()
    assert begun_by(plan(features=[renamed, changed]), states) == {"night_orders"}


def test_in_an_empty_partition_nothing_is_said_since_nothing_was_missed() -> None:
    assert begun_by(plan(features=[NIGHTS]), MemoryStates(CODEC)) == set()
