"""`streamproc worker STAGE` runs one stage, `streamproc up` all four of them under supervision."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from prometheus_client import start_http_server
from rich.console import Console

from streamproc.cli.context import Context
from streamproc.metrics import Metrics
from streamproc.runtime import topics
from streamproc.runtime.broker import BrokerError, BrokerSettings, EmbeddedKafka
from streamproc.runtime.broker_ports import is_free
from streamproc.runtime.catalogue import STAGES, make_stage
from streamproc.runtime.observing import MetricsObserver
from streamproc.runtime.parent import end_with_parent
from streamproc.runtime.supervisor import Supervisor, worker_command
from streamproc.runtime.worker import run_worker
from streamproc.runtime.worker_settings import WorkerSettings

COLOURS = {"collect": "cyan", "decide": "green", "learn": "magenta", "measure": "yellow"}


@click.command()
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--supervised", is_flag=True, help="End when standard input is closed: with who started it.")
@click.pass_obj
def worker(context: Context, stage: str, *, supervised: bool) -> None:
    """Run one stage until it is stopped; several workers of a stage share its partitions."""
    if supervised:
        end_with_parent()
    configuration = context.configuration
    app, metrics = configuration.app, Metrics()
    serve_metrics(app.metrics.host, app.metrics.first_port, stage, metrics)

    async def check(names: Sequence[str]) -> Sequence[object]:
        return await topics.check_topics(app.kafka.client, configuration.catalogue, names)

    settings = WorkerSettings(
        client=app.kafka.client,
        data_dir=app.runtime.data_dir / "state",
        prefix=app.kafka.prefix,
        checkpoint_seconds=app.runtime.checkpoint_seconds,
        session_seconds=app.runtime.session_seconds,
        store=app.runtime.store,
        check=check,
        observer=MetricsObserver(stage, metrics),
    )
    sys.exit(run_worker(make_stage(stage, configuration, metrics), settings))


def serve_metrics(host: str, first_port: int, stage: str, metrics: Metrics) -> None:
    """Serve `/metrics` on the stage's port.

    Raises:
        click.ClickException: the port is taken.
    """
    port = first_port + STAGES.index(stage) if first_port else 0
    try:
        server, _ = start_http_server(port, host, metrics.registry)
    except OSError as error:
        raise click.ClickException(
            f"metrics port {host}:{port} cannot be used ({error.strerror}): is another {stage} worker running here? "
            "Set STREAMPROC_METRICS__FIRST_PORT to another one, or to 0 for any free one."
        ) from error
    click.echo(f"metrics on http://{host}:{server.server_port}/metrics")


@click.command()
@click.option("--embedded", is_flag=True, help="Start the embedded Kafka too, and make the topics.")
@click.pass_obj
def up(context: Context, *, embedded: bool) -> None:
    """Run all four stages on this machine, restarted when they end; Ctrl-C stops them."""
    console = Console(highlight=False)
    app = context.configuration.app
    wanted = app.kafka.bootstrap
    broker = BrokerSettings(app.runtime.data_dir / "kafka", port=port_for(wanted))
    with embedded_kafka(broker, console) if embedded else nothing() as bootstrap:
        if bootstrap not in (None, wanted):
            console.print(f"{wanted} is taken; in other terminals: export STREAMPROC_KAFKA__BOOTSTRAP={bootstrap}")
        environ = {"STREAMPROC_KAFKA__BOOTSTRAP": bootstrap} if bootstrap else {}
        if bootstrap:
            apply_topics(context, bootstrap)
        commands = {stage: worker_command(stage, context.arguments) for stage in STAGES}
        supervisor = Supervisor(commands, lambda stage, line: say(console, stage, line), environ)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.ask_to_stop())
        supervisor.start()
        try:
            healthy = supervisor.watch()
        finally:
            supervisor.stop()
    sys.exit(0 if healthy else 1)


def say(console: Console, stage: str, line: str) -> None:
    """One line of a stage, with its name in front."""
    console.print(f"[{COLOURS[stage]}]{stage:>8}[/] ", end="")
    console.print(line, markup=False)


@contextmanager
def nothing() -> Iterator[None]:
    """No Kafka of our own."""
    yield None


def port_for(bootstrap: str) -> int:
    """The port at which the settings look for Kafka, if it can be had on this machine; else 0: any."""
    host, _, port = bootstrap.rpartition(":")
    return int(port) if host in ("127.0.0.1", "localhost") and port.isdigit() and is_free(int(port)) else 0


@contextmanager
def embedded_kafka(settings: BrokerSettings, console: Console) -> Iterator[str]:
    """The embedded Kafka while the block runs; its address is shown."""
    broker = EmbeddedKafka(settings, lambda line: console.print(f"[dim]   kafka[/] {line}"))
    try:
        bootstrap = broker.start()
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    console.print(f"[dim]   kafka[/] real Apache Kafka on [bold]{bootstrap}[/]")
    try:
        yield bootstrap
    finally:
        broker.stop()


def apply_topics(context: Context, bootstrap: str) -> None:
    """Make the topics that are missing."""
    import asyncio  # noqa: PLC0415

    async def run() -> None:
        client = {**context.client, "bootstrap_servers": bootstrap}
        await topics.apply(client, await topics.plan(client, context.catalogue))

    asyncio.run(run())
