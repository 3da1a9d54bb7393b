"""A model is rolled back and unfrozen while events flow: the live system obeys, and a replay does the same."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.events.log import CONTROL_KEY, ModelGoverned, decode_record
from streamproc.events.topics import LOG_TOPIC, MODELS_TOPIC, SCORES_TOPIC
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.output import read_outputs
from streamproc.runtime.client.model_acts import read_acts
from tests.real_orders import RealOrders
from tests.system.living_system import LivingSystem
from tests.system.test_live_is_replay import in_partitions, quick_answers, read, settled, states_are_equal, two_weeks

KEY = "a signing key for these tests"


@pytest.mark.kafka
def test_a_version_that_is_rolled_back_scores_nobody_and_a_replay_says_the_same(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    asyncio.run(govern(kafka, two_weeks(real_orders, tmp_path), tmp_path))


def churn_versions(cards: list[dict[str, Any]]) -> list[str]:
    return [card["version"] for card in cards if card["model"] == "churn"]


async def govern(kafka: Any, records: list[DumpedRecord], folder: Path) -> None:
    parts = [records[: len(records) // 2], records[len(records) // 2 : len(records) * 3 // 4]]
    log, out = folder / "log.jsonl", folder / "out"
    environ = {"STREAMPROC_SIGNING__KEY": KEY}
    async with LivingSystem(kafka.bootstrap, folder / "data", quick_answers(folder), **environ) as system:
        await system.send(parts[0])
        before = churn_versions(await system.until(MODELS_TOPIC, lambda cards: len(churn_versions(cards)) > 1))
        said = await system.run("models", "rollback", "churn", "--to", before[0], "--reason", "odd", "--by", "ada")
        assert f"churn: {before[0]} counts from now on" in said
        assert "later releases wait until `streamproc models unfreeze churn`" in said
        [act] = await read_acts(system.client, system.prefix)
        assert (act.by, act.reason, act.action, act.to_version) == ("ada", "odd", "rollback", before[0])

        await system.send(parts[1])
        await system.until(MODELS_TOPIC, lambda cards: churn_versions(cards)[-1:] > [str(act.newest_version)])
        listed = await system.run("models", "list", "churn", "--all")
        assert f"frozen at {before[0]}" in listed
        assert "waits" in listed
        said = await system.run("models", "unfreeze", "churn", "--reason", "found the cause")
        assert "counts from now on" in said
        assert "found the cause" in await system.run("models", "history", "churn")

        await system.send(records[len(parts[0]) + len(parts[1]) :], timedelta(days=9))
        await settled(system, kafka.bootstrap)
        await system.run("dump", LOG_TOPIC, "--out", str(log))
        await system.run("replay", str(log), "--out", str(out))
        scores = await read(system, SCORES_TOPIC)
        assert in_partitions(read_outputs(out / f"{SCORES_TOPIC}.jsonl", SCORES_TOPIC)) == scores
        await states_are_equal(system, out)
        while_frozen, behind = versions_around_the_acts(log, [row for rows in scores.values() for row in rows])
        assert while_frozen == {before[0]}
        assert behind
        assert before[0] not in behind


def versions_around_the_acts(log: Path, scores: list[Any]) -> tuple[set[str], set[str]]:
    """Which versions scored between the two acts, and which behind them, by the places in the log."""
    acts: dict[int, list[int]] = {}
    for record in read_dump(log):
        if record.key == CONTROL_KEY and isinstance(decode_record(record.value or b"").event, ModelGoverned):
            acts.setdefault(record.partition or 0, []).append(record.offset or 0)
    assert [len(offsets) for offsets in acts.values()] == [2, 2, 2, 2]
    between, behind = set[str](), set[str]()
    for _, value, _ in scores:
        score = orjson.loads(value)
        _, partition, offset, *_ = score["position"].split("/")
        first, second = acts[int(partition)]
        if score["model"] == "churn" and int(offset) > first:
            (between if int(offset) < second else behind).add(score["model_version"])
    return between, behind
