"""`streamproc kafka` as a person uses it: a broker that stays when the command has ended."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamproc.broker.answer import answers
from streamproc.broker.control import broker_status, stop_broker
from streamproc.cli.kafka import kafka as kafka_command

pytestmark = pytest.mark.kafka

Run = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "kafka data"
    yield directory
    stop_broker(directory)


@pytest.fixture
def run(data_dir: Path) -> Run:
    def invoke(command: str, *arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(kafka_command, [command, "--data-dir", str(data_dir), *arguments], input=answer)

    return invoke


def test_a_broker_is_started_looked_at_stopped_and_forgotten(run: Run, data_dir: Path) -> None:
    started = run("start", "--port", "0")
    ports = broker_status(data_dir).ports
    assert ports is not None
    assert started.output.endswith(f"Kafka is running: {ports.bootstrap}\n")
    assert answers(ports.clients)

    looked_at = run("status")
    assert looked_at.exit_code == 0
    assert ports.bootstrap in looked_at.output

    again = run("start", "--port", "0")
    assert (again.exit_code, again.output) == (0, f"Kafka is running already: {ports.bootstrap}\n")

    elsewhere = run("start", "--port", "1")
    assert elsewhere.exit_code == 2
    assert f"a broker is already running in {data_dir}, at {ports.bootstrap}" in elsewhere.output

    too_early = run("reset", "--yes")
    assert too_early.exit_code == 2
    assert "stop it with `streamproc kafka stop" in too_early.output

    assert "Kafka is stopped." in run("stop").output
    assert not answers(ports.clients)
    assert run("status").exit_code == 3

    assert run("reset", answer="n\n").exit_code == 1
    assert (data_dir / "records").exists()
    forgotten = run("reset", answer="y\n")
    assert f"This deletes 0 topics, 0.0 MB in {data_dir}." in forgotten.output
    assert [path.name for path in data_dir.iterdir()] == ["lock"]


def test_without_a_broker_status_exits_with_three_and_stop_has_nothing_to_do(run: Run, data_dir: Path) -> None:
    assert run("status").exit_code == 3
    assert "Kafka was not running." in run("stop").output
    assert not data_dir.exists(), "looking makes nothing"


def test_reset_deletes_nothing_where_no_broker_was(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "records").write_text("somebody's")
    result = run("reset", "--yes")
    assert result.exit_code == 2
    assert "is no broker's data directory" in result.output
    assert (data_dir / "records").exists()


def test_start_leaves_a_directory_with_other_things_alone(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "server.properties").write_text("somebody's")
    result = run("start", "--port", "0")
    assert result.exit_code == 2
    assert "holds other files (server.properties) and no broker's" in result.output
    assert (data_dir / "server.properties").read_text() == "somebody's"
