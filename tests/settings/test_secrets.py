"""Secrets reach Kafka and nobody else."""

from pathlib import Path

import pytest

from streamproc.settings.app import AppSettings
from tests.settings.spoiling import complaints

SASL = {"security": "SASL_SSL", "sasl_username": "ada", "sasl_password": "s3cret"}
SECRET = AppSettings.model_validate({"kafka": SASL, "signing": {"key": "s3cret" * 3}})


@pytest.mark.parametrize(
    "shown", [repr(SECRET), str(SECRET), SECRET.model_dump_json(), repr(SECRET.model_dump(mode="json"))]
)
def test_secrets_are_not_shown(shown: str) -> None:
    assert "s3cret" not in shown
    assert "***" in shown


def test_a_mistake_beside_a_secret_does_not_show_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_KAFKA__SASL_PASSWORD", "s3cret")
    monkeypatch.setenv("STREAMPROC_KAFKA__SECURITY", "SASL_SSL")
    monkeypatch.setenv("STREAMPROC_SIGNING__KEYS", "s3cret")
    assert "s3cret" not in repr(complaints(folder))


def test_kafka_is_given_the_secret_itself() -> None:
    plain = AppSettings.model_validate({"kafka": SASL | {"security": "SASL_PLAINTEXT"}})
    assert plain.kafka.client == {
        "bootstrap_servers": "127.0.0.1:9092", "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "ada", "sasl_plain_password": "s3cret",
    }  # fmt: skip
