import shutil
from pathlib import Path

import pytest

from streamproc.settings.app import AppSettings
from streamproc.settings.configuration import Configuration, load, signing_key
from streamproc.settings.errors import ConfigError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's environment says is not what is tested."""
    import os

    for name in list(os.environ):
        if name.startswith("STREAMPROC_"):
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the committed configuration that a test may spoil."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("reference")))


def loaded(folder: Path) -> Configuration:
    return load(folder, ROOT / "topics")


def replaced(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def complaints(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder)
    return [(Path(problem.file).name, problem.place, problem.message) for problem in caught.value.problems]


def places(folder: Path) -> list[tuple[str, str]]:
    return [(file, place) for file, place, _ in complaints(folder)]


def test_the_committed_configuration_is_right(folder: Path) -> None:
    configuration = loaded(folder)
    assert [rule.name for rule in configuration.plan.triggers.trigger] == [
        "abandoned_cart",
        "churn_risk",
        "first_order",
    ]
    assert "marketing.triggers.abandoned-cart.v1" in configuration.catalogue.topics


def test_all_files_are_read_before_anything_is_told(folder: Path) -> None:
    replaced(folder, "app.toml", 'store = "rocksdb"', 'store = "shelf"\nspeed = 1')
    replaced(folder, "triggers.toml", "delay_minutes = 60", "delay_minutes = 0\ndelay_hours = 1")
    replaced(folder, "offers.toml", "epsilon = 0.1", "epsilon = 1.1")
    replaced(folder, "segments.toml", '"orders_365d"', '"orders_366d"')
    replaced(folder, "policy.toml", 'marketing = "deny"', 'marketing = "maybe"')
    replaced(folder, "models.toml", "ask_every_days = 7", "ask_every_days = 0")
    replaced(folder, "kpis.toml", '\nkind = "count"', '\nkind = "counted"')
    told = places(folder)
    assert told[:8] == [
        ("app.toml", "runtime.store"),
        ("app.toml", "runtime.speed"),
        ("triggers.toml", "trigger.abandoned_cart.delay_minutes"),
        ("triggers.toml", "trigger.abandoned_cart.delay_hours"),
        ("offers.toml", "policy.epsilon"),
        ("segments.toml", "segment.loyal.where.0.feature"),
        ("policy.toml", "consent.marketing"),
        ("models.toml", "churn.ask_every_days"),
    ]
    assert {file for file, _ in told[8:]} == {"kpis.toml"}


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("app.toml", "log.typo"),
        ("triggers.toml", "trigger.first_order.typo"),
        ("offers.toml", "offer.loyalty_gift.where.0.typo"),
        ("segments.toml", "segment.at_risk.typo"),
        ("policy.toml", "consent.typo"),
        ("models.toml", "churn.typo"),
    ],
)
def test_an_unknown_key_hurts_in_every_file(folder: Path, file: str, place: str) -> None:
    text = (folder / file).read_text()
    if "where" in place:
        (folder / file).write_text(text.replace('feature = "orders_365d"', 'typo = 1, feature = "orders_365d"'))
    else:
        (folder / file).write_text(text + "\ntypo = 1\n")
    assert complaints(folder) == [(file, place, "Extra inputs are not permitted")]


@pytest.mark.parametrize("file", ["app.toml", "triggers.toml", "segments.toml", "models.toml"])
def test_a_file_that_is_not_there_is_told_by_its_name(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert places(folder) == [(file, "")]


def test_a_file_that_is_no_toml_is_told_with_the_line(folder: Path) -> None:
    (folder / "policy.toml").write_text("guest_days = \n")
    [(file, _, message)] = complaints(folder)
    assert file == "policy.toml"
    assert "line 1" in message


def test_a_message_is_one_line_for_a_person(folder: Path) -> None:
    replaced(folder, "triggers.toml", 'kind = "event"', 'kind = "events"')
    [(_, place, message)] = complaints(folder)
    assert (place, message) == ("trigger.first_order", "no trigger kind 'events'; there are: absence, event, threshold")


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("app.toml", "min_insync_replicas = 1", "min_insync_replicas = 2", "kafka"),
        ("app.toml", 'security = "PLAINTEXT"', 'security = "SASL_SSL"', "kafka"),
        ("app.toml", 'prefix = ""', 'prefix = "Shop_"', "kafka.prefix"),
        ("app.toml", "earliest = 2000-01-01T00:00:00Z", "earliest = 2000-01-01T00:00:00", "collect.earliest"),
        ("app.toml", "earliest = 2000-01-01T00:00:00Z", "earliest = 2000-01-01", "collect.earliest"),
        ("app.toml", "every_seconds = 1", "every_seconds = 0", "collect.watermark.every_seconds"),
        ("models.toml", "medium = 0.5", "medium = 0.9", "churn.bands"),
        ("models.toml", '"log_orders"', '"log_recency_weeks"', "churn.features"),
        ("models.toml", "horizon_days = 28", "horizon_days = 90", "churn"),
        ("offers.toml", '"volume_discount"', '"loyalty_gift"', "offer.loyalty_gift.id"),
        ("triggers.toml", 'score = "churn"\n', 'score = "chrun"\n', "trigger.churn_risk.score"),
    ],
)
def test_a_value_that_cannot_be_is_told_at_its_place(folder: Path, file: str, old: str, new: str, place: str) -> None:
    replaced(folder, file, old, new)
    assert places(folder) == [(file, place)]


def test_a_mistake_within_a_block_hides_none_between_blocks(folder: Path) -> None:
    replaced(folder, "triggers.toml", 'name = "first_order"', 'name = "churn_risk"\ntypo = 1')
    replaced(folder, "offers.toml", "epsilon = 0.1", "epsilon = 1.1")
    replaced(folder, "offers.toml", '"volume_discount"', '"loyalty_gift"')
    replaced(folder, "segments.toml", 'name = "at_risk"', 'name = "loyal"')
    assert places(folder) == [
        ("triggers.toml", "trigger.churn_risk.typo"),
        ("offers.toml", "policy.epsilon"),
        ("triggers.toml", "trigger.churn_risk.name"),
        ("offers.toml", "offer.loyalty_gift.id"),
        ("segments.toml", "segment.loyal.name"),
    ]


def test_a_condition_on_a_segment_that_does_not_exist_is_told(folder: Path) -> None:
    condition = '{ any = [{ segment = "loyal" }, { not = { segment = "loyall" } }] }'
    replaced(folder, "triggers.toml", 'where = [{ feature = "orders_total", equals = 1 }]', f"where = [{condition}]")
    assert complaints(folder) == [
        (
            "triggers.toml",
            "trigger.first_order.where.0.any.1.not.segment",
            "no segment 'loyall'; there are: at_risk, loyal",
        )
    ]


def test_the_environment_goes_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_KAFKA__PREFIX", "test-")
    configuration = loaded(folder)
    assert configuration.catalogue.on_cluster("shop.email.v1") == "test-shop.email.v1"


def test_a_mistake_in_the_environment_is_told_at_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_KAFKA__PREFIXES", "test-")
    assert places(folder) == [("app.toml", "kafka.prefixes")]


SASL = {"security": "SASL_SSL", "sasl_username": "ada", "sasl_password": "s3cret"}
SECRET = AppSettings.model_validate({"kafka": SASL, "signing": {"key": "s3cret"}})


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


def test_a_signing_key_that_is_given_is_used() -> None:
    assert signing_key(SECRET) == b"s3cret"


def test_a_signing_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    app = AppSettings.model_validate({"runtime": {"data_dir": tmp_path / "new"}})
    key = signing_key(app)
    assert len(key) == 64
    assert signing_key(app) == key
    assert (tmp_path / "new" / "signing.key").stat().st_mode & 0o777 == 0o600
