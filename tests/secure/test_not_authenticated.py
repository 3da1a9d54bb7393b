"""Whatever keeps us and a broker from accepting each other is told as what it is, with the setting that is wrong."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streamproc.runtime.client.authentication import NotAuthenticatedError, reach
from streamproc.runtime.exits import Exit
from streamproc.settings.app import KafkaSettings
from streamproc.settings.stages import STAGES
from tests.secure.pki import KEY_PASSWORD
from tests.secure.secure_kafka import PASSWORD, SecureKafka
from tests.secure.shop import SecureShop

pytestmark = pytest.mark.faults

TLS = {"security": "SSL", "ca_file": "ca.pem"}
ACCOUNT = {"security": "SASL_SSL", "ca_file": "ca.pem", "sasl_username": "learn", "sasl_password": PASSWORD}
OURS = {"cert_file": "client.pem", "key_file": "client.key"}
OF_A_STRANGER = {"cert_file": "stranger.pem", "key_file": "stranger.key"}
NOT_TRUSTED = "shows a certificate that nobody in kafka.ca_file signed"
NOT_LET_IN = "lets nobody in without a certificate that it trusts"
NOT_ACCEPTED = "does not accept the account 'learn'"

ACCEPTED: list[tuple[str, dict[str, str]]] = [
    ("PLAINTEXT", {}),
    ("SSL", TLS),
    ("MUTUAL", TLS | OURS),
    ("MUTUAL", TLS | {"cert_file": "client.both.pem"}),
    ("MUTUAL", TLS | OURS | {"key_file": "client.encrypted.key", "key_password": KEY_PASSWORD}),
    ("SASL_SSL", ACCOUNT),
    ("SASL_SSL", ACCOUNT | {"sasl_mechanism": "PLAIN"}),
    ("SASL_PLAINTEXT", {"security": "SASL_PLAINTEXT", "sasl_username": "learn", "sasl_password": PASSWORD}),
]

REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("SSL", {"security": "SSL"}, NOT_TRUSTED),
    ("SSL", TLS | {"ca_file": "otherca.pem"}, NOT_TRUSTED),
    ("EXPIRED", TLS, "shows a certificate that has expired"),
    ("ELSEWHERE", TLS, "shows a certificate of somebody else (IP address mismatch"),
    ("MUTUAL", TLS, NOT_LET_IN),
    ("MUTUAL", TLS | OF_A_STRANGER, NOT_LET_IN),
    ("SSL", {}, "speaks TLS only, and kafka.security is PLAINTEXT: it must be SSL or SASL_SSL"),
    ("MUTUAL", {}, "speaks TLS only, and kafka.security is PLAINTEXT: it must be SSL or SASL_SSL"),
    ("PLAINTEXT", TLS, "speaks no TLS, and kafka.security is SSL: another port, PLAINTEXT or SASL_PLAINTEXT"),
    ("SASL_SSL", TLS, "wants an account (PLAIN, SCRAM-SHA-512), and kafka.security is SSL: it must begin with SASL_"),
    ("SASL_PLAINTEXT", {}, "wants an account (PLAIN, SCRAM-SHA-512), and kafka.security is PLAINTEXT"),
    ("SSL", ACCOUNT, "knows no accounts, and kafka.security is SASL_SSL: it must not begin with SASL_"),
    ("SASL_SSL", ACCOUNT | {"sasl_password": "wrong"}, NOT_ACCEPTED),
    ("SASL_SSL", ACCOUNT | {"sasl_password": "wrong", "sasl_mechanism": "PLAIN"}, NOT_ACCEPTED),
    ("SASL_SSL", ACCOUNT | {"sasl_username": "unknown"}, "does not accept the account 'unknown' (SCRAM-SHA-512)"),
    (
        "SASL_SSL",
        ACCOUNT | {"sasl_mechanism": "SCRAM-SHA-256"},
        "offers PLAIN, SCRAM-SHA-512, and not kafka.sasl_mechanism SCRAM-SHA-256",
    ),
]


def client(kafka: SecureKafka, listener: str, settings: dict[str, str]) -> dict[str, Any]:
    files = {name: str(kafka.pki[value]) for name, value in settings.items() if name.endswith("_file")}
    return KafkaSettings.model_validate({"bootstrap": kafka.addresses[listener]} | settings | files).client


@pytest.mark.parametrize(("listener", "settings"), ACCEPTED)
def test_right_settings_are_accepted(secure_kafka: SecureKafka, listener: str, settings: dict[str, str]) -> None:
    asyncio.run(reach(client(secure_kafka, listener, settings)))


@pytest.mark.parametrize(("listener", "settings", "said"), REFUSED)
def test_a_setting_that_is_wrong_is_named(
    secure_kafka: SecureKafka, listener: str, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(NotAuthenticatedError) as refused:
        asyncio.run(reach(client(secure_kafka, listener, settings)))
    assert str(refused.value).startswith(f"{secure_kafka.addresses[listener]} {said}")


def test_of_several_addresses_one_that_accepts_us_is_enough(secure_kafka: SecureKafka) -> None:
    both = client(secure_kafka, "SSL", TLS)
    both["bootstrap_servers"] = f"127.0.0.1:1,{both['bootstrap_servers']}"
    asyncio.run(reach(both))


def test_a_broker_that_is_away_is_not_taken_for_one_that_refuses_us(secure_kafka: SecureKafka) -> None:
    away = client(secure_kafka, "SSL", TLS) | {"bootstrap_servers": "127.0.0.1:1"}
    with pytest.raises(KafkaConnectionError, match=r"127\.0\.0\.1:1: Connection refused"):
        asyncio.run(reach(away))


COMMANDS = [
    ["topics", "list"],
    ["topics", "plan"],
    ["topics", "apply", "--yes"],
    ["dump", "shop.purchase.v1", "--out", "out.jsonl"],
    ["tail", "--from-start", "--no-follow"],
    ["customer", "c-1"],
    ["send", "events.jsonl"],
    ["repair", "show", "decide"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_every_command_tells_it_in_the_same_words(
    secure_kafka: SecureKafka, tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("events.jsonl").touch()
    told = SecureShop(secure_kafka, tmp_path).command("learn", *command, sasl_password="wrong")
    assert told.exit_code == Exit.NOT_AUTHENTICATED
    assert told.stderr == (
        f"{Exit.NOT_AUTHENTICATED.meaning}: {secure_kafka.addresses['SASL_SSL']} {NOT_ACCEPTED} (SCRAM-SHA-512): "
        "kafka.sasl_username or STREAMPROC_KAFKA__SASL_PASSWORD is wrong\n"
        f"-> {Exit.NOT_AUTHENTICATED.remedy}\n"
    )


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_ends_with_the_code_and_the_reason(secure_kafka: SecureKafka, tmp_path: Path, stage: str) -> None:
    other = str(secure_kafka.pki["otherca.pem"])
    worker = SecureShop(secure_kafka, tmp_path).worker(stage, ca_file=other)
    assert worker.wait() == Exit.NOT_AUTHENTICATED
    assert NOT_TRUSTED in worker.text
    assert f"[exit {Exit.NOT_AUTHENTICATED:d}]" in worker.text
