"""Commands, and the stages without models, start without what only models need."""

import os
import socket
import subprocess
import sys

import pytest

from streamproc.cli import main
from streamproc.cli.dlq import dlq_group
from streamproc.cli.topics import topics_group


def loaded_by(code: str, *names: str) -> list[str]:
    """Which of these modules a process has loaded that has run this."""
    script = f"{code}; import sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return [name for name in names if name in told.stdout.split()]


@pytest.mark.slow
def test_a_command_loads_itself_and_what_all_have_in_common() -> None:
    called = "from streamproc.cli import main; main(['send', '--help'], standalone_mode=False)"
    assert loaded_by(called, "streamproc.cli.send", "streamproc.cli.tail", "faust", "numpy") == ["streamproc.cli.send"]


@pytest.mark.slow
def test_river_and_scipy_are_not_loaded_before_there_is_a_model() -> None:
    stages = "from streamproc.cli import workers, replay; from streamproc.runtime import stages"
    assert loaded_by(stages, "faust", "river", "scipy") == ["faust"]


@pytest.mark.slow
def test_who_has_a_model_loads_of_river_and_scipy_only_what_it_needs() -> None:
    model = "from streamproc.models.as_data.known import know_kinds; know_kinds()"
    metrics = "from streamproc.models.health.progressive import ProgressiveMetrics; ProgressiveMetrics()"
    unneeded = ("river.tree.hoeffding_tree", "river.metrics.geometric_mean", "scipy.stats", "scipy.optimize")
    assert loaded_by(model, "river.linear_model.log_reg", *unneeded) == ["river.linear_model.log_reg"]
    assert loaded_by(metrics, "river.metrics.roc_auc", *unneeded) == ["river.metrics.roc_auc"]


@pytest.mark.slow
def test_all_of_river_is_there_for_whoever_asks() -> None:
    asked = (
        "from streamproc.models.as_data.known import know_kinds; know_kinds()",
        "from river import metrics, tree",
        "from river.metrics import GeometricMean, ROCAUC",
        "from streamproc.models.as_data import health_kinds",
        "assert metrics.ROCAUC is ROCAUC is health_kinds.ROCAUC and tree.HoeffdingTreeClassifier and GeometricMean()",
    )
    assert loaded_by("; ".join(asked), "scipy.stats") == ["scipy.stats"]


def test_every_command_is_found_by_its_own_name() -> None:
    for group in (main, topics_group, dlq_group):
        assert {name: command.name for name, command in group.commands.items()} == {
            name: name for name in group.commands
        }
    assert len(main.commands) > 10


ASK_KAFKA = (
    "send README.md", "tail", "customer c-1", "repair show decide", "repair recount --yes", "dlq list",
    "models list", "dump shop.purchase.v1 --out never.jsonl", "topics plan", "topics apply --yes", "topics list",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("words", ASK_KAFKA)
def test_every_command_says_in_the_same_words_that_there_is_no_kafka(words: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        environ = {**os.environ, "STREAMPROC_KAFKA__BOOTSTRAP": address}
        command = [sys.executable, "-m", "streamproc", *words.split()]
        told = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    first, remedy = told.stderr.splitlines()
    assert (told.returncode, first.startswith("Kafka cannot be asked: ")) == (75, True)
    assert (address in first, "AddressFamily" in first) == (True, False)
    assert remedy.startswith("Is it running")
