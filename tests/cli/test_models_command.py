"""Released versions are listed by model and shown with their cards, without the snapshot."""

import asyncio
import uuid
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.events.topics import MODELS_TOPIC


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


async def release(environ: dict[str, str]) -> None:
    topic = environ["STREAMPROC_KAFKA__PREFIX"] + MODELS_TOPIC
    async with AIOKafkaProducer(bootstrap_servers=environ["STREAMPROC_KAFKA__BOOTSTRAP"]) as producer:
        for each in CARDS:
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
