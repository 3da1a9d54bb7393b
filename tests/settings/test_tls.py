"""What is wrong with the files of TLS, or between settings of security, is found before Kafka is asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.config_error import ConfigError
from streamproc.settings.tls import TlsFiles, tls_context
from tests.secure.pki import KEY_PASSWORD, Pki

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.made_in(tmp_path_factory.mktemp("pki"))


def problems(pki: Pki, **files: str) -> list[str]:
    password = files.pop("key_password", None)
    paths = {name: pki[file] for name, file in files.items()}
    with pytest.raises(ConfigError) as wrong:
        tls_context(TlsFiles(**paths, key_password=password))
    return [str(problem).replace(f"{pki.folder}/", "") for problem in wrong.value.problems]


def test_the_brokers_certificate_and_name_are_verified(pki: Pki) -> None:
    context = tls_context(TlsFiles(pki["ca.pem"]))
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


def test_without_an_authority_the_systems_are_trusted() -> None:
    assert tls_context(TlsFiles()).check_hostname


@pytest.mark.parametrize(
    "files",
    [
        {"cert": "client.pem", "key": "client.key"},
        {"cert": "client.both.pem"},
        {"cert": "client.pem", "key": "client.encrypted.key", "key_password": KEY_PASSWORD},
    ],
)
def test_a_certificate_with_its_key_is_taken(pki: Pki, files: dict[str, str]) -> None:
    password = files.get("key_password")
    tls_context(TlsFiles(pki["ca.pem"], pki[files["cert"]], pki[files["key"]] if "key" in files else None, password))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ca": "nowhere.pem"}, "ca_file: nowhere.pem cannot be read: No such file or directory"),
        ({"ca": "client.key"}, "ca_file: client.key holds no certificate in PEM"),
        ({"cert": "client.key"}, "cert_file: client.key holds no certificate in PEM"),
        ({"cert": "client.pem"}, "key_file (not set): client.pem holds no private key in PEM"),
        (
            {"cert": "client.pem", "key": "nowhere.key"},
            "key_file: nowhere.key cannot be read: No such file or directory",
        ),
        ({"cert": "client.pem", "key": "ca.pem"}, "key_file: ca.pem holds no private key in PEM"),
        (
            {"cert": "client.pem", "key": "broker.key"},
            "key_file: the key in broker.key does not belong to the certificate in client.pem",
        ),
        (
            {"cert": "client.pem", "key": "client.encrypted.key"},
            "key_file: the key in client.encrypted.key is encrypted: set STREAMPROC_KAFKA__KEY_PASSWORD",
        ),
        (
            {"cert": "client.pem", "key": "client.encrypted.key", "key_password": "wrong"},
            "key_file: STREAMPROC_KAFKA__KEY_PASSWORD does not open the key in client.encrypted.key",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(pki: Pki, files: dict[str, str], said: str) -> None:
    assert problems(pki, **files) == [f"app.toml: kafka.{said}"]


def test_all_files_that_cannot_be_used_are_named_at_once(pki: Pki) -> None:
    assert len(problems(pki, ca="nowhere.pem", cert="nowhere.pem", key="nowhere.key")) == 3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SECURITY": "SSL", "KEY_FILE": "k"}, "key_file is set without cert_file: a key alone identifies nobody"),
        ({"CA_FILE": "ca"}, "ca_file is set, but security = PLAINTEXT uses no TLS"),
        ({"SECURITY": "SSL", "SASL_MECHANISM": "PLAIN"}, "sasl_mechanism is set, but security = SSL uses no SASL"),
        (
            {"SECURITY": "SASL_SSL", "SASL_USERNAME": "u"},
            "SASL needs sasl_username and STREAMPROC_KAFKA__SASL_PASSWORD",
        ),
        (
            {"SECURITY": "SSL", "CA_FILE": "/nowhere"},
            "kafka.ca_file: /nowhere cannot be read: No such file or directory",
        ),
        ({"SECURITY": "TLS"}, "must be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["worker", "measure"], ["topics", "list"]], ids=lambda words: words[0])
def test_check_finds_what_keeps_every_other_command_from_starting(
    command: list[str], settings: dict[str, str], said: str
) -> None:
    environ = {f"STREAMPROC_KAFKA__{name}": value for name, value in settings.items()}
    environ["STREAMPROC_METRICS__FIRST_PORT"] = "0"
    told = CliRunner(env=environ).invoke(
        main, ["--config", str(ROOT / "config"), "--topics", str(ROOT / "topics"), *command]
    )
    assert told.exit_code == 2
    assert said in told.stderr
