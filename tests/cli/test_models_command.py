"""Released versions are listed by model and shown with their cards, without the snapshot."""

import asyncio
import uuid
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.events.log import CONTROL_KEY, ModelGoverned, decode_record
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC, MODELS_TOPIC
from streamproc.models.governing import verify_act
from streamproc.models.snapshots import pack, sign
from streamproc.runtime.client.reading import read_to_end
from tests.builders import ASKED


def card(model: str, number: int, **metrics: float) -> dict[str, Any]:
    return {
        "model": model, "version": f"{model}-{number:09d}", "examples": number,
        "trained_through": "2026-01-01T00:00:00Z", "features": ["log_orders"], "metrics": metrics,
        "parameters": {"l2": 0.1}, "snapshot": "x" * 999,
        "signature": "s", "type": "model_released",
    }  # fmt: skip


CARDS = [card("churn", 500 * number, roc_auc=0.7 + number / 100) for number in range(1, 13)]
CARDS += [card("offer_reward", 200, reward_per_1000=251.4)]


@pytest.fixture
def environ(kafka: Any) -> dict[str, str]:
    found = {"STREAMPROC_KAFKA__BOOTSTRAP": kafka.bootstrap, "STREAMPROC_KAFKA__PREFIX": f"m{uuid.uuid4().hex[:8]}."}
    assert CliRunner().invoke(main, ["topics", "apply", "--yes"], env=found).exit_code == 0
    return found


async def release(environ: dict[str, str], cards: list[dict[str, Any]] = CARDS) -> None:
    topic = environ["STREAMPROC_KAFKA__PREFIX"] + MODELS_TOPIC
    async with AIOKafkaProducer(bootstrap_servers=environ["STREAMPROC_KAFKA__BOOTSTRAP"]) as producer:
        for each in cards:
            await producer.send_and_wait(topic, orjson.dumps(each), each["version"].encode())


@pytest.mark.kafka
def test_versions_are_listed_and_shown(environ: dict[str, str]) -> None:
    def models(*words: str) -> Result:
        return CliRunner().invoke(main, ["models", *words], env=environ)

    assert "no model has been released yet" in models("list").stdout
    asyncio.run(release(environ))
    listed = models("list").stdout
    assert "churn: 12 released" in listed
    assert "churn-000006000" in listed
    assert "churn-000000500" not in listed
    assert "251.4" in listed
    assert "churn-000000500" in models("list", "churn", "--all").stdout
    assert "offer_reward" not in models("list", "churn").stdout
    wrong = models("list", "chrun")
    assert (wrong.exit_code, "did you mean 'churn'" in wrong.stderr) == (2, True)
    shown = models("show", "offer_reward-000000200")
    assert '"reward_per_1000": 251.4' in shown.stdout
    assert '"snapshot_bytes": 999' in shown.stdout
    assert "xxx" not in shown.stdout
    missing = models("show", "churn-7")
    assert "no version 'churn-7'" in missing.stderr


KEY = "a signing key for these tests"
SNAPSHOT = pack(ASKED["churn"].new_model())


def signed(number: int, **changes: Any) -> dict[str, Any]:
    plain = card("churn", number, roc_auc=0.7) | {"snapshot": SNAPSHOT} | changes
    return plain | {"signature": sign("churn", plain["version"], plain["snapshot"], KEY.encode())}


@pytest.mark.kafka
def test_a_model_is_rolled_back_and_each_act_is_in_the_log_and_in_the_audit_topic(environ: dict[str, str]) -> None:
    environ["STREAMPROC_SIGNING__KEY"] = KEY
    damaged = signed(2000, snapshot="{}")
    cards = [signed(500), signed(1000, metrics={"brier": 0.2}, parameters={"l2": 0.2}), signed(1500), damaged]
    asyncio.run(release(environ, cards))

    def models(*words: str, **also: str) -> Result:
        return CliRunner().invoke(main, ["models", *words], env=environ | also)

    assert "Missing option '--reason'" in models("freeze", "churn").stderr
    assert "nothing has been decided" in models("history").stdout
    back = models("rollback", "churn", "--to", "churn-000001000", "--reason", "all scores are 0.99", "--by", "ada")
    assert back.exit_code == 0, back.output
    assert "churn: churn-000001000 counts from now on (before: churn-000002000); later releases wait" in back.stdout
    listed = models("list").stdout
    assert "4 released, frozen at churn-000001000" in listed
    assert "-> churn-000001000, later releases wait: all scores are 0.99" in models("history", "churn").stdout

    refused = {
        ("freeze", "churn"): "is frozen already",
        ("freeze", "chrun"): "no version of chrun has been released",
        ("rollback", "churn", "--to", "churn-000001500"): "is not before churn-000001000",
        ("promote", "churn-000001500"): "with --unfreeze",
        ("promote", "churn-000002000", "--unfreeze"): "it must be a table of",
        ("promote", "churn-7", "--unfreeze"): "no version 'churn-7'",
    }
    for words, why in refused.items():
        wrong = models(*words, "--reason", "x")
        assert (wrong.exit_code, why in wrong.stderr) == (2, True), wrong.output
    foreign = models("unfreeze", "churn", "--reason", "x", STREAMPROC_SIGNING__KEY="another key than theirs")
    assert "wrong signature" in foreign.stderr
    assert models("unfreeze", "churn", "--reason", "mended").exit_code == 0
    assert models("promote", "churn-000001500", "--reason", "better").exit_code == 0
    assert len(models("history").stdout.splitlines()) == 3
    compared = models("compare", "churn-000000500", "churn-000001000").stdout
    assert "parameter l2" in compared
    assert "+500" in compared

    acts, audit = asyncio.run(written(environ))
    assert {partition: [act.action for act in found] for partition, found in acts.items()} == {
        partition: ["rollback", "unfreeze", "promote"] for partition in range(4)
    }
    for act in acts[0]:
        verify_act(act, KEY.encode())
    assert [each["signature"] for each in audit] == [act.signature for act in acts[0]]


async def written(environ: dict[str, str]) -> tuple[dict[int, list[ModelGoverned]], list[dict[str, Any]]]:
    client, prefix = {"bootstrap_servers": environ["STREAMPROC_KAFKA__BOOTSTRAP"]}, environ["STREAMPROC_KAFKA__PREFIX"]
    acts: dict[int, list[ModelGoverned]] = {}
    async for record in read_to_end(client, prefix + LOG_TOPIC):
        event = decode_record(record.value or b"").event
        assert record.key == CONTROL_KEY
        assert isinstance(event, ModelGoverned)
        acts.setdefault(record.partition, []).append(event)
    audit = [orjson.loads(record.value or b"") async for record in read_to_end(client, prefix + MODEL_AUDIT_TOPIC)]
    return acts, audit


def test_a_key_that_nobody_has_is_not_made(environ: dict[str, str], tmp_path: Any) -> None:
    folder = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path)}
    told = CliRunner().invoke(main, ["models", "freeze", "churn", "--reason", "x"], env=environ | folder)
    assert (told.exit_code, "set STREAMPROC_SIGNING__KEY" in told.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
