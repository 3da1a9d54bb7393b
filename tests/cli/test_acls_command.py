"""`streamproc topics acls`: the least rights, for people and for Kafka's own tool."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC, MODELS_TOPIC
from streamproc.runtime.client.rights import Grant, Operation, Resource, Right, grants
from streamproc.settings.stages import STAGES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(tmp_path: Path, request: pytest.FixtureRequest) -> list[str]:
    environ = {
        "STREAMPROC_RUNTIME__DATA_DIR": str(tmp_path),
        "STREAMPROC_KAFKA__PREFIX": "eu.",
        "COLUMNS": "200",
        "STREAMPROC_KAFKA__BOOTSTRAP": "kafka:9092",
    }
    folders = ["--config", str(ROOT / "config"), "--topics", str(ROOT / "topics")]
    result = CliRunner(env=environ).invoke(main, [*folders, "topics", "acls", *request.param])
    assert result.exit_code == 0
    return result.output.splitlines()


@pytest.mark.parametrize("told", [["--stage", "learn", "--principal", "User:learn"]], indirect=True)
def test_the_commands_give_a_stage_its_rights_in_this_cluster(told: list[str]) -> None:
    begin = "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:learn "
    assert [line.removeprefix(begin) for line in told] == [
        "--operation Read --topic eu.streamproc.training.v1",
        "--operation Read --operation Write --operation DescribeConfigs --topic eu.streamproc.learn-state.v1",
        "--operation Write --operation DescribeConfigs "
        + " ".join(f"--topic eu.{topic}" for topic in (MODELS_TOPIC, LOG_TOPIC, MODEL_AUDIT_TOPIC)),
        "--operation Read --group eu.streamproc-learn",
        "--operation Write --resource-pattern-type prefixed --transactional-id eu.streamproc-learn-",
    ]


@pytest.mark.parametrize("told", [["--stage", "dlq", "--principal", "User:ann"]], indirect=True)
def test_who_sends_dead_letters_again_has_commands_too(told: list[str]) -> None:
    begin = "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:ann "
    raw = [f"eu.shop.{name}.v1" for name in ("profile", "clickstream", "email", "purchase", "catalogue")]
    assert [line.removeprefix(begin) for line in told] == [
        "--operation Read --operation Write " + " ".join(f"--topic {topic}.dlq" for topic in raw),
        "--operation Write " + " ".join(f"--topic {topic}" for topic in raw),
        "--operation Write "
        + " ".join(f"--transactional-id {topic.replace('eu.', 'eu.streamproc-dlq-')}" for topic in raw),
    ]


@pytest.mark.parametrize("told", [["--stage", "show", "--principal", "User:ann"]], indirect=True)
def test_who_only_looks_is_given_no_right_that_changes_anything(told: list[str]) -> None:
    assert len(told) == 3
    assert all(" --operation Read " in line or " --operation Describe " in line for line in told)
    assert not any(word in line for line in told for word in ("Write", "Configs", "transactional-id"))


@pytest.mark.parametrize("told", [[]], indirect=True)
def test_without_a_user_they_are_shown_for_each_stage(told: list[str]) -> None:
    shown = "\n".join(told)
    for stage in STAGES:
        assert f"eu.streamproc-{stage}-*" in shown


def test_resources_with_the_same_operations_are_granted_together() -> None:
    both = [Right(operation, Resource.TOPIC, name) for operation in (Operation.READ, Operation.WRITE) for name in "ab"]
    alone = Right(Operation.READ, Resource.TOPIC, "c")
    assert list(grants([*both, alone])) == [
        Grant((Operation.READ, Operation.WRITE), Resource.TOPIC, ("a", "b"), prefixed=False),
        Grant((Operation.READ,), Resource.TOPIC, ("c",), prefixed=False),
    ]


def test_a_right_is_said_as_kafka_says_it() -> None:
    assert str(Right(Operation.WRITE, Resource.TOPIC, "a")) == "Write on topic a"
    assert (
        str(Right(Operation.WRITE, Resource.TRANSACTIONAL_ID, "g-", prefixed=True)) == "Write on transactional-id g-*"
    )
