"""`streamproc kafka`: a real Kafka on this machine, without docker and without an installation."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from streamproc.broker.control import Condition, broker_status, stop_broker
from streamproc.broker.directory import BrokerDirectory
from streamproc.broker.embedded import (
    DEFAULT_HEAP_MB,
    BrokerError,
    BrokerSettings,
    default_data_dir,
    start_detached,
)
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.terminal import Terminal, say

DEFAULT_PORT = 9092
"""Where Kafka is by custom, and where the settings look for it."""

NOT_RUNNING = 3
"""What `status` exits with then, as a system's service command does."""


def data_dir_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that all commands share."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        default=default_data_dir(),
        show_default=True,
        help="Where the broker keeps its records.",
    )(command)


@click.group()
def kafka() -> None:
    """A real Kafka on this machine, from its published jars: start, stop, look, begin anew."""


@kafka.command()
@data_dir_option
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option("--heap-mb", type=click.IntRange(128), default=DEFAULT_HEAP_MB, show_default=True, help="Java's memory.")
def start(data_dir: Path, port: int, heap_mb: int) -> None:
    """Start a broker in the background; returns once it answers, and prints its address.

    The first start of all fetches Kafka's jars, 45 MB; later ones need no network and take a second or two.
    """
    with _said_plainly():
        running = broker_status(data_dir)
    if running.condition is Condition.RUNNING and running.ports and port in (0, running.ports.clients):
        say(f"Kafka is running already: {running.ports.bootstrap}")
        return
    with _said_plainly(), Terminal(stderr=True).status("starting Kafka") as spinner:
        bootstrap = start_detached(BrokerSettings(data_dir, port=port, heap_mb=heap_mb), spinner.update)
    say(f"Kafka is running: {bootstrap}")


@kafka.command()
@data_dir_option
def stop(data_dir: Path) -> None:
    """Stop the broker; what it holds stays."""
    with _said_plainly(), Terminal(stderr=True).status("stopping Kafka"):
        stopped = stop_broker(data_dir)
    say("Kafka is stopped." if stopped else "Kafka was not running.")


@kafka.command()
@data_dir_option
def status(data_dir: Path) -> None:
    """Show whether the broker is up and what it holds; exits with 0 if it answers, else with 3."""
    with _said_plainly():
        broker = broker_status(data_dir)
    directory = BrokerDirectory(data_dir)
    table = Table(box=None, show_header=False)
    table.add_row("Kafka", str(broker.condition))
    if broker.ports is not None:
        table.add_row("address", broker.ports.bootstrap)
        table.add_row("process", str(broker.pid))
    table.add_row("directory", str(directory.path))
    table.add_row("records", _contents(directory))
    Terminal(soft_wrap=True).print(table)
    sys.exit(0 if broker.condition is Condition.RUNNING else NOT_RUNNING)


@kafka.command()
@data_dir_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(data_dir: Path, *, yes: bool) -> None:
    """Delete all topics and records of a stopped broker, after asking."""
    directory = BrokerDirectory(data_dir)
    with _said_plainly():
        directory.check_deletable()
        say(f"This deletes {_contents(directory)} in {directory.path}.")
        for topic in directory.topics():
            say(f"  {topic}")
        if not yes:
            click.confirm("Delete it all?", abort=True)
        directory.delete()
    say("Deleted. The next start begins with an empty Kafka.")


def _contents(directory: BrokerDirectory) -> str:
    topics = len(directory.topics())
    return f"{topics} topic{'' if topics == 1 else 's'}, {directory.size_mb():.1f} MB"


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What went wrong, as a sentence instead of a traceback."""
    try:
        yield
    except BrokerError as error:
        raise CommandFailedError(str(error)) from error
