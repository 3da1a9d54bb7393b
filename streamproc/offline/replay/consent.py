"""Consent in a replay: plain orders hold none, so unless it is assumed everything is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from streamproc.decide.policy import ConsentDefaults
from streamproc.events.topics import SUPPRESSIONS_TOPIC, trigger_topic
from streamproc.offline.replay.output import SUFFIX, read_outputs
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.offline.replay.summary import Summary

_TRIGGERS = trigger_topic("").removesuffix(".v1")


def assuming_consent(setup: ReplayConfig) -> ReplayConfig:
    """As if everybody had allowed marketing who has not said anything."""
    consent = ConsentDefaults(marketing="allow", transactional=setup.plan.policy.consent.transactional)
    policy = setup.plan.policy.model_copy(update={"consent": consent})
    return replace(setup, plan=replace(setup.plan, policy=policy))


def refused_for_want_of_consent(folder: Path, summary: Summary) -> int:
    """How many messages a replay refused because nobody has consented; 0 if they are not most of what was decided."""
    refused = sum(reason == "no_consent" for reason in _reasons(folder))
    decided = sum(
        count for topic, count in summary.outputs.items() if topic == SUPPRESSIONS_TOPIC or topic.startswith(_TRIGGERS)
    )
    return refused if 2 * refused > decided else 0


def _reasons(folder: Path) -> Iterator[str]:
    for emitted in read_outputs(folder / f"{SUPPRESSIONS_TOPIC}{SUFFIX}", SUPPRESSIONS_TOPIC):
        yield orjson.loads(emitted.value or b"{}").get("reason", "")
