"""`streamproc worker STAGE` runs one stage, `streamproc up` all four of them under supervision."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

import click

from streamproc.broker.embedded import BrokerError, BrokerSettings, EmbeddedKafka
from streamproc.broker.keeper import BrokerKeeper
from streamproc.broker.ports import is_free
from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.readiness import Readiness
from streamproc.cli.running import run
from streamproc.cli.stage_lines import StageLines
from streamproc.cli.terminal import Terminal
from streamproc.data_folder import prepare
from streamproc.folder_lock import FolderLock
from streamproc.metrics import Metrics
from streamproc.runtime.stages import make_stage
from streamproc.runtime.supervise.parent import end_with_parent
from streamproc.runtime.supervise.past import show_past
from streamproc.runtime.supervise.supervisor import Supervisor, worker_command
from streamproc.runtime.telemetry.health import Health
from streamproc.runtime.telemetry.logs import configure_logs, is_json
from streamproc.runtime.telemetry.observer import Observer
from streamproc.runtime.telemetry.web import serve_pages
from streamproc.runtime.telemetry.worker import MetricsObserver
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.worker.app import run_worker
from streamproc.runtime.worker_settings import Limits, WorkerSettings
from streamproc.settings.app import MetricsSettings
from streamproc.settings.configuration import Configuration
from streamproc.settings.member import member_name
from streamproc.settings.stages import STAGES, port_of
from streamproc.stop_signals import interrupt, told_to_stop

log = logging.getLogger(__name__)


@click.command()
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--supervised", is_flag=True, help="End when standard input is closed: with who started it.")
@click.pass_obj
def worker(context: Context, stage: str, *, supervised: bool) -> None:
    """Run one stage until it is stopped; several workers of a stage share its partitions."""
    if supervised:
        end_with_parent()
    app, metrics, health = context.configuration.app, Metrics(), Health()
    prepare(app.runtime.data_dir)
    configure_logs(stage, app.log.format, app.log.level)
    show_past(metrics.process, stage, context.configuration.plan.version)
    serve(app.metrics, stage, metrics, health)
    settings = worker_settings(context.configuration, MetricsObserver(stage, metrics, health))
    sys.exit(run_worker(make_stage(stage, context.configuration, metrics), settings))


def worker_settings(configuration: Configuration, observer: Observer) -> WorkerSettings:
    """What the configuration says to a worker of any stage."""
    app = configuration.app

    async def check(names: Sequence[str]) -> Sequence[object]:
        return await topics.check_topics(app.kafka.client, configuration.catalogue, names)

    return WorkerSettings(
        client=app.kafka.client,
        data_dir=app.runtime.data_dir / "state",
        prefix=app.kafka.prefix,
        checkpoint_seconds=app.runtime.checkpoint_seconds,
        session_seconds=app.runtime.session_seconds,
        store=app.runtime.store,
        limits=Limits(free_disk_bytes=app.runtime.min_free_disk_mb << 20),
        member_id=app.runtime.member_id,
        check=check,
        observer=observer,
    )


def serve(settings: MetricsSettings, stage: str, metrics: Metrics, health: Health) -> None:
    """Serve `/metrics`, `/healthz` and `/readyz` on the stage's port.

    Raises:
        CommandFailedError: the port is taken.
    """
    host, port = settings.host, port_of(stage, settings)
    try:
        server = serve_pages(host, port, metrics.registry, health)
    except OSError as error:
        raise CommandFailedError(
            f"metrics port {host}:{port} cannot be used ({error.strerror}): is another {stage} worker running here? "
            "Set STREAMPROC_METRICS__FIRST_PORT to another one, or to 0 for any free one."
        ) from error
    log.info("metrics on http://%s:%d/metrics, /healthz and /readyz beside it", host, server.server_port)


@click.command()
@click.option("--embedded", is_flag=True, help="Start the embedded Kafka too, and make the topics.")
@click.pass_obj
def up(context: Context, *, embedded: bool) -> None:
    """Run all four stages on this machine, restarted when they end; Ctrl-C stops them."""
    app = context.configuration.app
    with suppress(KeyboardInterrupt), told_to_stop(interrupt), FolderLock(prepare(app.runtime.data_dir), "up.lock"):
        run_stages(context, embedded=embedded)


def run_stages(context: Context, *, embedded: bool) -> NoReturn:
    """What `up` does, in a data folder that no other `up` has."""
    app = context.configuration.app
    wanted = app.kafka.bootstrap
    broker = BrokerSettings(app.runtime.data_dir / "kafka", port=port_for(wanted))
    lines = StageLines(Terminal(), as_json=is_json(app.log.format, sys.stdout))
    with embedded_kafka(broker, lines) if embedded else nothing() as bootstrap:
        if bootstrap not in (None, wanted):
            lines.say("kafka", f"{wanted} is taken; in other terminals: export STREAMPROC_KAFKA__BOOTSTRAP={bootstrap}")
        environ = {"STREAMPROC_LOG__FORMAT": "json" if lines.as_json else "text"}
        environ["STREAMPROC_RUNTIME__MEMBER_ID"] = app.runtime.member_id or member_name(app.runtime.data_dir)
        environ |= {"STREAMPROC_KAFKA__BOOTSTRAP": bootstrap} if bootstrap else {}
        if bootstrap:
            apply_topics(context, bootstrap)
        commands = {stage: worker_command(stage, context.arguments) for stage in STAGES}
        readiness = Readiness(lines, app.metrics.host)
        supervisor = Supervisor(commands, readiness.say, environ)
        try:
            with told_to_stop(supervisor.ask_to_stop):
                supervisor.start()
                readiness.start()
                supervisor.watch()
        finally:
            readiness.stop()
            supervisor.stop()
    lines.say("up", f"stopped; Kafka's records stay in {broker.data_dir}" if embedded else "stopped")
    given_up = supervisor.given_up
    sys.exit(given_up.code if given_up else 0)


@contextmanager
def nothing() -> Iterator[None]:
    """No Kafka of our own."""
    yield None


def port_for(bootstrap: str) -> int:
    """The port at which the settings look for Kafka, if it can be had on this machine; else 0: any."""
    host, _, port = bootstrap.rpartition(":")
    return int(port) if host in ("127.0.0.1", "localhost") and port.isdigit() and is_free(int(port)) else 0


@contextmanager
def embedded_kafka(settings: BrokerSettings, lines: StageLines) -> Iterator[str]:
    """The embedded Kafka while the block runs; its address is shown."""
    broker = EmbeddedKafka(settings, lambda line: lines.say("kafka", line))
    try:
        bootstrap = broker.start()
    except BrokerError as error:
        raise CommandFailedError(str(error)) from error
    lines.say("kafka", f"real Apache Kafka on {bootstrap}")
    keeper = BrokerKeeper(broker, lambda line: lines.say("kafka", line))
    keeper.start()
    try:
        yield bootstrap
    finally:
        keeper.stop()
        broker.stop()


def apply_topics(context: Context, bootstrap: str) -> None:
    """Make the topics that are missing."""

    async def apply() -> None:
        client = {**context.client, "bootstrap_servers": bootstrap}
        await topics.apply(client, await topics.plan(client, context.catalogue))

    run(apply())
