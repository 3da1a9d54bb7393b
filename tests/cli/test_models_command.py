"""Released versions are listed by model and shown with their cards, without the snapshot."""

import asyncio
import uuid
from pathlib import Path
from shutil import copytree
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.events.log import CONTROL_KEY, ModelGoverned, decode_record
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC, MODELS_TOPIC
from streamproc.models.releases.governing import verify_act
from streamproc.models.releases.snapshots import pack, sign
from streamproc.runtime.client.reading import read_to_end
from tests.builders import ASKED
from tests.special_models import PREDICTIONS, special_release

ROOT = Path(__file__).parents[2]
LARGE = 1_500_000
"""Characters of a ranking's snapshot: more than a producer sends unless it is told to."""


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
    bootstrap = environ["STREAMPROC_KAFKA__BOOTSTRAP"]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=2 * LARGE) as producer:
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


SPECIAL = """
[clusters]
clusters = 2
features = ["orders_365d"]

[for_you]
"""
"""What is not shipped of the special models."""


def special_cards() -> list[dict[str, Any]]:
    """Two versions of each special model, signed; those of the ranking are large."""
    released = [
        special_release(name, number, KEY.encode(), padding=LARGE * (name == "for_you"))
        for name in PREDICTIONS
        for number in (1, 2)
    ]
    return [
        card(each.model, each.examples) | {"snapshot": each.snapshot, "signature": each.signature} for each in released
    ]


@pytest.mark.kafka
def test_every_kind_of_model_can_be_frozen_rolled_back_and_brought_forward(
    environ: dict[str, str], tmp_path: Path
) -> None:
    config = Path(copytree(ROOT / "config", tmp_path / "config"))
    with (config / "models.toml").open("a") as table:
        table.write(SPECIAL)
    environ |= {"STREAMPROC_SIGNING__KEY": KEY, "STREAMPROC_CONFIG": str(config)}
    cards = special_cards()
    asyncio.run(release(environ, cards))

    def models(*words: str) -> Result:
        return CliRunner().invoke(main, ["models", *words, "--reason", "x"], env=environ)

    for name in PREDICTIONS:
        first, second = (f"{name}-{number:09d}" for number in (1, 2))
        waits = f"later releases wait until `streamproc models unfreeze {name}`"
        for words, told in {
            ("freeze", name): f"{name}: {second} counts from now on; {waits}",
            ("rollback", name): f"{name}: {first} counts from now on (before: {second}); {waits}",
            ("unfreeze", name): f"{name}: {first} counts from now on; until a later version is released",
            ("promote", second): f"{name}: {second} counts from now on (before: {first})",
        }.items():
            done = models(*words)
            assert (done.exit_code, told in done.stdout) == (0, True), done.output
    acts, _ = asyncio.run(written(environ))
    snapshots = {each["version"]: each["snapshot"] for each in cards}
    for act in acts[3]:
        verify_act(act, KEY.encode())
        assert act.release is None or act.release.snapshot == snapshots[act.version]


@pytest.mark.kafka
def test_a_model_that_is_not_configured_any_more_is_refused_with_what_would_help(environ: dict[str, str]) -> None:
    environ["STREAMPROC_SIGNING__KEY"] = KEY
    asyncio.run(release(environ, [each for each in special_cards() if each["model"] == "clusters"]))
    told = CliRunner().invoke(main, ["models", "rollback", "clusters", "--reason", "x"], env=environ)
    assert told.exit_code == 2
    assert "clusters-000000001 cannot be used, so nothing was done" in told.stderr
    assert "there is no prediction 'clusters' in config/models.toml" in told.stderr


def test_a_key_that_nobody_has_is_not_made(environ: dict[str, str], tmp_path: Any) -> None:
    folder = {"STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path)}
    told = CliRunner().invoke(main, ["models", "freeze", "churn", "--reason", "x"], env=environ | folder)
    assert (told.exit_code, "set STREAMPROC_SIGNING__KEY" in told.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
