from typing import Any

import pytest

from streamproc.settings.app import AppSettings
from streamproc.settings.environment import overlaid

FILE: dict[str, Any] = {"kafka": {"bootstrap": "127.0.0.1:9092", "prefix": ""}, "runtime": {"store": "rocksdb"}}


def over(**environ: str) -> dict[str, Any]:
    return overlaid(FILE, environ)


def settings(**environ: str) -> AppSettings:
    return AppSettings.model_validate(over(**environ))


def test_the_environment_goes_over_the_file() -> None:
    kafka = settings(STREAMPROC_KAFKA__BOOTSTRAP="kafka:9092").kafka
    assert (kafka.bootstrap, kafka.prefix) == ("kafka:9092", "")


def test_the_environment_reaches_tables_in_tables_and_tables_that_are_not_there() -> None:
    app = settings(STREAMPROC_COLLECT__WATERMARK__IDLE="hold", STREAMPROC_METRICS__FIRST_PORT="0")
    assert (app.collect.watermark.idle, app.metrics.first_port) == ("hold", 0)


def test_the_tables_of_the_file_are_left_as_they_are() -> None:
    over(STREAMPROC_KAFKA__BOOTSTRAP="kafka:9092")
    assert FILE["kafka"]["bootstrap"] == "127.0.0.1:9092"


def test_numbers_are_read_where_numbers_are_wanted() -> None:
    app = settings(STREAMPROC_RUNTIME__CHECKPOINT_SECONDS="0.5", STREAMPROC_KAFKA__REPLICATION_FACTOR="3")
    assert (app.runtime.checkpoint_seconds, app.kafka.replication_factor) == (0.5, 3)


@pytest.mark.parametrize("password", ["123456", "0123", "1e5", "true", "nan", "[a]", " x "])
def test_a_password_may_look_like_anything(password: str) -> None:
    kafka = settings(
        STREAMPROC_KAFKA__SECURITY="SASL_SSL",
        STREAMPROC_KAFKA__SASL_USERNAME="007",
        STREAMPROC_KAFKA__SASL_PASSWORD=password,
    ).kafka
    assert kafka.sasl_password is not None
    assert (kafka.sasl_username, kafka.sasl_password.get_secret_value()) == ("007", password)


def test_a_list_is_written_with_commas() -> None:
    collect = settings(
        STREAMPROC_COLLECT__TOPICS="shop.a.v1, shop.b.v1", STREAMPROC_COLLECT__BLOCKED_IDS="nobody"
    ).collect
    assert (collect.topics, collect.blocked_ids) == (("shop.a.v1", "shop.b.v1"), ("nobody",))


@pytest.mark.parametrize("name", ["STREAMPROC_CONFIG", "STREAMPROC_TEST_KAFKA", "STREAMPROCX", "PATH"])
def test_other_variables_are_no_settings(name: str) -> None:
    assert over(**{name: "x"}) == FILE


@pytest.mark.parametrize(
    "environ",
    [
        {"STREAMPROC_KAFKA__BOOTSTRAPS": "x"},
        {"STREAMPROC_KAFKAS__BOOTSTRAP": "x"},
        {"STREAMPROC_KAFKA": "x"},
        {"STREAMPROC_KAFKA__BOOTSTRAP__HOST": "x"},
        {"STREAMPROC_KAFKA": "x", "STREAMPROC_KAFKA__REPLICATION_FACTOR": "many"},
        {"STREAMPROC_": "x"},
    ],
)
def test_a_variable_that_fits_nothing_is_a_mistake_and_no_crash(environ: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        AppSettings.model_validate(overlaid(FILE, environ))
