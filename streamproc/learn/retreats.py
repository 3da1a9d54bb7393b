"""The releases that a model may go back to, and the records by which it does: `models/health/retreat.py` says when."""

from typing import Any

import orjson

from streamproc.events.log import CONTROL_KEY, GovernAction, ModelGoverned, ModelReleased, encode_record
from streamproc.events.model_audit import ModelAct
from streamproc.events.times import rfc3339
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC
from streamproc.learn.learner import Learner
from streamproc.models.health.beside import BLOCK
from streamproc.models.health.retreat import PATIENCE, RECOVERY, RetreatJudge
from streamproc.models.health.watched import WatchedMetrics
from streamproc.models.releases.governing import sign_act
from streamproc.processor.api import OutputRecord, States

BY = "learn"
"""Who it is in the audit topic."""


def judge_of(learner: Learner) -> RetreatJudge | None:
    """What judges the model; None: nothing that it says is answered by itself, and it never retreats."""
    return learner.health.judge if isinstance(learner.health, WatchedMetrics) else None


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


def act_of(learner: Learner, states: States[Any], key: bytes, partitions: int) -> list[OutputRecord]:
    """What has decide go back, or take up what is in training again, in every partition of the log, and says so.

    Nothing if neither is due.
    """
    judge = judge_of(learner)
    if judge is None or not (judge.is_due or judge.is_back):
        return []
    action: GovernAction = "return" if judge.is_back else "retreat"
    reason = _reason(judge)
    before, version = (judge.returns if judge.is_back else judge.retreats)(learner.trained_through_ms)
    kept = states.get(release_key(learner.name, version)) if version and action == "retreat" else None
    release = kept if isinstance(kept, ModelReleased) else None
    unsigned = ModelGoverned(action=action, model=learner.name, at_ms=judge.moment_ms, release=release)
    governed = unsigned.model_copy(update={"signature": sign_act(unsigned, key)})
    act = ModelAct(
        model=learner.name,
        action=action,
        by=BY,
        at=rfc3339(judge.moment_ms),
        reason=reason,
        from_version=before or None,
        to_version=(version or None) if action == "return" else release.version if release else None,
        newest_version=judge.not_before if action == "return" else judge.beyond,
        frozen=action == "retreat",
        signature=governed.signature,
    )
    value = encode_record(governed, judge.moment_ms, judge.moment_ms)
    to_all = [OutputRecord(LOG_TOPIC, CONTROL_KEY, value, number) for number in range(partitions)]
    return [*to_all, OutputRecord(MODEL_AUDIT_TOPIC, learner.name.encode(), orjson.dumps(act), 0)]


def _reason(judge: RetreatJudge) -> str:
    beside = judge.training if judge.is_back else judge.beside
    measure, name = beside.baseline.measure, beside.baseline.name
    if judge.is_back:
        what = f"what is in training was better than the {name} {RECOVERY * BLOCK:,} times"
    else:
        what = f"{PATIENCE * BLOCK:,} scores were worse than the {name}"
    losses = f"the {measure} is {beside.last_loss:,.4f}, the {name}'s {beside.last_base_loss:,.4f}"
    return f"{what}; of the last {BLOCK} {losses}"
