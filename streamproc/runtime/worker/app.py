"""A worker: one stage as a Faust app, from start to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.transport.drivers import TRANSPORTS

from streamproc.data_folder import prepare
from streamproc.folder_lock import REMEDY, FolderInUseError
from streamproc.garbage import calm_collector
from streamproc.processor.api import Stage
from streamproc.runtime.client.authorisation import explained
from streamproc.runtime.exits import Exit, say
from streamproc.runtime.refusal import ending_of
from streamproc.runtime.telemetry.logs import quieten_libraries
from streamproc.runtime.worker import transport
from streamproc.runtime.worker.assignment import Assignment
from streamproc.runtime.worker.layout import needed_rights
from streamproc.runtime.worker_settings import WorkerSettings
from streamproc.stop_signals import told_to_stop

MEASURED = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}
"""What the runtime leans on beyond public interfaces; an upgrade begins with `tests/runtime/test_contract.py`."""

LOCK_PATIENCE_SECONDS = 10.0
"""A worker that was just told to end may take so long to hand over its partitions."""


class WithoutProducer(BootStrategy):  # type: ignore[misc]  # Faust is untyped here
    """Nothing is sent but in our transactions."""

    enable_kafka_producer = False


class StageApp(faust.App):  # type: ignore[misc]
    """A Faust app that knows its partitions."""

    logger = logging.getLogger("faust.app")

    BootStrategy = WithoutProducer

    def __init__(self, name: str, assignment: Assignment, **options: Any) -> None:
        self.assignment = assignment
        super().__init__(name, **options)


class StageWorker(faust.Worker):  # type: ignore[misc]
    """A Faust worker that is told to stop once, however often that is said; `hearing` ends with it."""

    def __init__(self, app: faust.App, loop: asyncio.AbstractEventLoop, hearing: ExitStack) -> None:
        super().__init__(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None
        self._hearing = hearing

    def install_signal_handlers(self) -> None:
        """Hear what says stop until the process is gone: a loop's own handlers are gone with the loop, before that."""
        self.loop.add_signal_handler(signal.SIGUSR1, self._on_sigusr1)
        self._hearing.enter_context(told_to_stop(self._stop))

    def _stop(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._on_sigterm)


def build_app(stage: Stage, settings: WorkerSettings) -> faust.App:
    """The Faust app of a stage, with one agent per source topic."""
    _check(stage)
    TRANSPORTS.aliases[transport.SCHEME] = f"{transport.__name__}:Transport"
    app = StageApp(
        settings.group(stage.name),
        Assignment(stage, settings),
        broker=f"{transport.SCHEME}://{_first_server(settings)}",
        datadir=str(settings.data_dir / "faust"),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_seconds,
        broker_request_timeout=2 * settings.session_seconds,
        worker_redirect_stdouts=False,
    )
    for source in stage.sources:
        for topic in source.topics:
            _add_agent(app, settings.prefix + topic)
    return app


def run_worker(stage: Stage, settings: WorkerSettings) -> int:
    """Work until SIGTERM or SIGINT; returns the exit code. Errors that may not be skipped end the process at once."""
    if wrong := wrong_libraries(version):
        say(Exit.LIBRARY, stage.name, wrong)
        return Exit.LIBRARY
    quieten_libraries()
    try:
        _claim_folder(stage, settings)
    except FolderInUseError as error:
        say(Exit.CONFIGURATION, stage.name, error.what, REMEDY)
        return Exit.CONFIGURATION
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    hearing = ExitStack()
    worker = StageWorker(build_app(stage, settings), loop, hearing)
    calm_collector()
    try:
        with hearing:
            worker.execute_from_commandline()
    except SystemExit as ended:
        if not ended.code:
            return Exit.DONE
        crash: BaseException | None = worker.crash_reason or ended.__context__  # the latter if it could not even start
        return _said(crash, stage, settings)
    return Exit.DONE


def _said(crash: BaseException | None, stage: Stage, settings: WorkerSettings) -> int:
    """Say why the worker ends, and with which code."""
    if crash is None:
        say(Exit.CRASHED, stage.name, "as logged above")
        return Exit.CRASHED
    reason = asyncio.run(explained(crash, settings.client, needed_rights(stage, settings)))
    ending = ending_of(reason, settings.group(stage.name))
    say(ending.code, stage.name, ending.what, ending.remedy)
    return ending.code


def _claim_folder(stage: Stage, settings: WorkerSettings) -> None:
    """Have the stage's local copies to ourselves until this process is gone; it gives them back to nobody before."""
    prepare(settings.data_dir / "faust")
    if settings.store != "memory":
        settings.folder_lock(stage.name).take(LOCK_PATIENCE_SECONDS)


def wrong_libraries(version_of: Callable[[str], str]) -> str:
    """Which of the libraries that the runtime leans on are not those that it was measured with; empty if all are."""
    found = {name: version_of(name) for name in MEASURED}
    return ", ".join(f"{name} is {now}, not {MEASURED[name]}" for name, now in found.items() if now != MEASURED[name])


def _add_agent(app: StageApp, topic: str) -> None:
    async def process(stream: Any) -> None:
        async for batch in stream.noack():
            await app.assignment.process(batch)

    channel = app.topic(topic, value_type=bytes, value_serializer="raw", acks=False)
    agent: Callable[[Any], Any] = app.agent(channel, name=f"process-{topic}")
    agent(process)


def _check(stage: Stage) -> None:
    """Two topics with one changelog would share its partitions, which have one owner each."""
    for source in stage.sources:
        if source.changelog is not None and len(source.topics) != 1:
            raise ValueError(f"{stage.name}: a source with a changelog has one topic, not {len(source.topics)}")
        if (source.changelog is None) != (source.codec is None):
            raise ValueError(f"{stage.name}: a changelog needs a codec, and a codec a changelog")
    changelogs = [source.changelog for source in stage.sources if source.changelog]
    if len(set(changelogs)) != len(changelogs):
        raise ValueError(f"{stage.name}: each source has a changelog of its own")


def _first_server(settings: WorkerSettings) -> str:
    """For Faust's display only: the connections are made from `settings.client`."""
    servers = settings.client["bootstrap_servers"]
    return (servers if isinstance(servers, str) else next(iter(servers))).split(",")[0]
