"""A model version that cannot be loaded: the last good one goes on scoring, and the metric says so."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from streamproc.decide.stage import Decider
from streamproc.decide.states import CODEC, State
from streamproc.events.log import CONTROL_KEY, encode_record
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC
from streamproc.metrics import Metrics
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.snapshots import sign
from streamproc.processor.api import AppliedTwiceError, PartitionContext
from streamproc.runtime.telemetry.stages import MeteredDecide
from tests.builders import KEY, NO_MODELS, NOON_MS, plan, release, view
from tests.memory_states import MemoryStates

SETTINGS = ChurnPrediction(features=("log_orders",))


@dataclass
class Logged:
    """A record of the customer log."""

    offset: int
    key: bytes | None
    value: bytes | None
    topic: str = LOG_TOPIC
    partition: int = 0
    timestamp: int = NOON_MS
    headers: Sequence[tuple[str, bytes]] = ()


def logged(offset: int, key: bytes, event: Any) -> Logged:
    return Logged(offset, key, encode_record(event, NOON_MS, NOON_MS))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def decider(metrics: Metrics) -> Decider:
    states: MemoryStates[State] = MemoryStates(CODEC)
    context: PartitionContext[State] = PartitionContext(LOG_TOPIC, 0, "id", states, {LOG_TOPIC: 1, FACTS_TOPIC: 1})
    return Decider(plan(), NO_MODELS, frozenset(), MeteredDecide(metrics, ("churn",)), context)


def in_use(metrics: Metrics) -> set[str]:
    (family,) = metrics.models.release.collect()
    return {sample.labels["version"] for sample in family.samples}


def rejected(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("streamproc_model_rejected_total", {"model": "churn"})


def signed(snapshot: str) -> dict[str, str]:
    return {"snapshot": snapshot, "signature": sign("churn", "churn-2", snapshot, KEY)}


OTHER_STEPS = release(SETTINGS).snapshot.replace("StandardScaler", "MinMaxScaler")


@pytest.mark.parametrize(
    "damage",
    [{"signature": "00" * 32}, {"snapshot": "AAAA"}, signed("{}"), signed(OTHER_STEPS)],
    ids=["signed by somebody else", "damaged", "rightly signed and no model", "rightly signed and another model"],
)
def test_the_last_good_version_stays_and_the_rejection_is_counted(
    decider: Decider, metrics: Metrics, damage: dict[str, str]
) -> None:
    assert rejected(metrics) == 0
    good, bad = release(SETTINGS, version="churn-1"), release(SETTINGS, version="churn-2")
    deque(decider.process([logged(0, CONTROL_KEY, good), logged(1, CONTROL_KEY, bad.model_copy(update=damage))]), 0)
    assert rejected(metrics) == 1
    assert in_use(metrics) == {"churn-1"}


def test_an_event_that_the_state_holds_already_is_refused(decider: Decider) -> None:
    deque(decider.process([logged(7, b"c/ada", view())]), 0)
    with pytest.raises(AppliedTwiceError, match="offset 7 came again; the customer's state holds 7"):
        deque(decider.process([logged(7, b"c/ada", view())]), 0)


def test_which_declared_features_begin_at_nothing_is_said_once_and_not_for_each_partition(
    metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    watch = MeteredDecide(metrics, ())
    for names in ({"night_orders", "views"}, {"night_orders", "views"}, set[str]()):
        watch.begins(names)
    [line] = [record.getMessage() for record in caplog.records]
    assert "begin at nothing, since their definition is new: night_orders, views -> " in line


def test_the_version_of_each_model_is_shown_and_only_the_newest(metrics: Metrics) -> None:
    watch = MeteredDecide(metrics, ("churn", "other"))
    for name, version in (("churn", "churn-1"), ("other", "other-1"), ("churn", "churn-2"), ("churn", "churn-2")):
        watch.released(release(SETTINGS, version=version, name=name))
    assert in_use(metrics) == {"churn-2", "other-1"}
