"""Each kind of trigger and each reason of the policy on the live system, decide killed between: as the replay says."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from streamproc.events.topics import (
    FACTS_TOPIC,
    JOURNEYS_TOPIC,
    LOG_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    trigger_topic,
)
from streamproc.offline.replay.output import read_outputs
from tests.system.living_system import CHECKOUT, LivingSystem
from tests.system.policy_config import JOURNEYS, POLICY, SEGMENTS, TRIGGERS
from tests.system.policy_story import (
    CLOSED_MS,
    DAYS_LATER_MS,
    EVENING,
    REASONS,
    SENT,
    catalogue,
    first_half,
    in_time,
    name_of,
    ordered,
    people,
    searched,
    second_half,
    told,
)
from tests.system.test_live_is_replay import in_partitions, read, settled, states_are_equal


@pytest.mark.kafka
def test_each_kind_of_trigger_and_each_reason_is_seen_live_and_as_the_replay_says(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(each_kind_and_each_reason(kafka, tmp_path))


def with_all_kinds(folder: Path) -> Path:
    """The shipped configuration with these triggers, this policy, and no models."""
    config = folder / "config"
    shutil.copytree(CHECKOUT / "config", config)
    files = {"triggers": TRIGGERS, "policy": POLICY, "segments": SEGMENTS, "journeys": JOURNEYS}
    for name, text in files.items():
        (config / f"{name}.toml").write_text(text)
    return config


def is_complete(until_ms: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether event time has come to here in each partition of the log."""

    def has_come(facts: list[dict[str, Any]]) -> bool:
        through = {fact["partition"]: fact["through_ms"] for fact in facts if fact["type"] == "progress"}
        return len(through) == 4 and min(through.values()) > until_ms

    return has_come


def are_known(log: list[dict[str, Any]]) -> bool:
    """Whether all that is to be known beforehand is in the log; products are in each of its four partitions."""
    kinds = Counter(record["event"]["type"] for record in log if "event" in record)
    said = kinds["identified"] + kinds["consent_changed"]
    return said == len(people()) and kinds["product_changed"] == 4 * len(catalogue())


async def each_kind_and_each_reason(kafka: Any, folder: Path) -> None:
    log, out = folder / "log.parquet", folder / "out"
    async with LivingSystem(kafka.bootstrap, folder / "data", with_all_kinds(folder)) as system:
        await system.send(in_time([*people(), *catalogue()]))
        await system.until(LOG_TOPIC, are_known)
        await system.send(in_time(first_half()), timedelta(hours=3))
        await system.until(trigger_topic("cart"), lambda seen: len(seen) >= 2)
        system.kill("decide")
        await system.send(in_time(second_half()), timedelta(hours=3))
        await system.until(SUPPRESSIONS_TOPIC, lambda seen: any(each["trigger"] == "night_cart" for each in seen))
        await system.send([ordered("night_cart", EVENING + 600)], timedelta(days=4))
        await system.until(FACTS_TOPIC, is_complete(DAYS_LATER_MS))
        await system.send(in_time([ordered("late", 30), *searched("stale", 20)]))
        await system.until(trigger_topic("cart"), lambda seen: any(t["type"] == "trigger_retracted" for t in seen))
        await system.send([told("hello", "page_viewed", 12 * 24 * 60)], timedelta(days=9))
        await system.until(FACTS_TOPIC, is_complete(CLOSED_MS))
        await settled(system, kafka.bootstrap)
        topics = [trigger_topic(name) for name in system.configuration.plan.senders]
        said = [each for topic in topics for each in await system.read(topic)]
        refused = await system.read(SUPPRESSIONS_TOPIC)
        check(said, refused)
        await system.run("dump", LOG_TOPIC, "--out", str(log))
        await system.run("replay", str(log), "--out", str(out))
        shared = [*topics, SUPPRESSIONS_TOPIC, SEGMENTS_TOPIC, JOURNEYS_TOPIC]
        live = {topic: await read(system, topic) for topic in shared}
        assert {topic: in_partitions(read_outputs(out / f"{topic}.jsonl", topic)) for topic in shared} == live
        await states_are_equal(system, out)


def check(said: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    """Each once: what was put off was decided, what was wrong was taken back."""
    sent = Counter((each["trigger"], each["correlation"]) for each in said if each["type"] == "trigger_emitted")
    assert {name for name, _ in sent} == SENT
    assert set(sent.values()) == {1}
    assert {each["reason"] for each in refused} == REASONS
    [taken_back] = [each for each in said if each["type"] == "trigger_retracted"]
    assert taken_back["customer_id"] == name_of("late")
    assert taken_back["trigger_id"] in {each["trigger_id"] for each in said if each["type"] == "trigger_emitted"}
    [night] = [each for each in said if each["trigger"] == "night" and each["customer_id"] == name_of("night")]
    assert (night["since"], night["at"]) == ("2026-03-01T21:00:00Z", "2026-03-02T08:05:00Z")
    assert [each["step"] for each in said if each["trigger"] == "after_the_second"] == ["again"]
    [cheaper] = [each for each in said if each["trigger"] == "cheaper"]
    assert (cheaper["correlation"], cheaper["values"]["drop"]) == ("sofa", 2_000_000)
    outranked = [each["trigger"] for each in refused if each["reason"] == "outranked"]
    assert outranked.count("low") == 1
