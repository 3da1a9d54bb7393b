"""The releases that a model may go back to, and the records by which it does: `models/retreat.py` says when."""

from typing import Any

import orjson

from streamproc.events.log import CONTROL_KEY, ModelGoverned, ModelReleased, encode_record
from streamproc.events.model_audit import ModelAct
from streamproc.events.times import rfc3339
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC
from streamproc.learn.learner import Learner
from streamproc.models.governing import sign_act
from streamproc.models.health import ProgressiveMetrics
from streamproc.models.recent import BLOCK
from streamproc.models.retreat import PATIENCE, RetreatJudge
from streamproc.processor.api import OutputRecord, States

BY = "learn"
"""Who it is in the audit topic."""


def judge_of(learner: Learner) -> RetreatJudge | None:
    """What judges the model; None: it says no probabilities, and never retreats."""
    return learner.health.judge if isinstance(learner.health, ProgressiveMetrics) else None


def release_key(model: str, version: str) -> bytes:
    """Where a release is kept."""
    return f"release/{model}/{version}".encode()


def keep(learner: Learner, release: ModelReleased, states: States[Any]) -> None:
    """Keep a release as long as the model may go back to it."""
    judge = judge_of(learner)
    if judge is not None:
        for version in judge.released(release.version):
            states.put(release_key(learner.name, version), None)
        states.put(release_key(learner.name, release.version), release)


def retreat(learner: Learner, states: States[Any], key: bytes, partitions: int) -> list[OutputRecord]:
    """What has decide go back, in every partition of the log, and says so; nothing if that is not due."""
    judge = judge_of(learner)
    if judge is None or not judge.is_due:
        return []
    loss, base_loss = judge.beside.last_loss, judge.beside.last_base_loss
    before, version = judge.retreats(learner.trained_through_ms)
    kept = states.get(release_key(learner.name, version)) if version else None
    release = kept if isinstance(kept, ModelReleased) else None
    unsigned = ModelGoverned(action="retreat", model=learner.name, at_ms=judge.moment_ms, release=release)
    governed = unsigned.model_copy(update={"signature": sign_act(unsigned, key)})
    act = ModelAct(
        model=learner.name,
        action="retreat",
        by=BY,
        at=rfc3339(judge.moment_ms),
        reason=f"{PATIENCE * BLOCK:,} scores were worse than the base rate; of the last {BLOCK} the log loss is "
        f"{loss:.4f} instead of {base_loss:.4f}",
        from_version=before or None,
        to_version=release.version if release else None,
        newest_version=judge.beyond,
        frozen=True,
        signature=governed.signature,
    )
    value = encode_record(governed, judge.moment_ms, judge.moment_ms)
    to_all = [OutputRecord(LOG_TOPIC, CONTROL_KEY, value, number) for number in range(partitions)]
    return [*to_all, OutputRecord(MODEL_AUDIT_TOPIC, learner.name.encode(), orjson.dumps(act), 0)]
