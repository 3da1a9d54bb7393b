"""`streamproc demo`: a year of a real shop through the whole system on this machine, watched live."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import click
import orjson
from platformdirs import user_cache_path
from rich.live import Live

from streamproc import __version__
from streamproc.broker.embedded import BrokerSettings
from streamproc.broker.ports import is_free
from streamproc.cli.context import Context, default_folder
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.scoreboard import Scoreboard, totals_of
from streamproc.cli.stage_lines import StageLines
from streamproc.cli.terminal import Terminal, styled
from streamproc.cli.workers import apply_topics, embedded_kafka
from streamproc.events.topics import (
    KPIS_TOPIC,
    OFFERS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    trigger_topic,
)
from streamproc.offline.dumps.files import merge_dumps
from streamproc.offline.synthetic.responses import mail_of
from streamproc.offline.synthetic.synthesize import synthesize
from streamproc.offline.tables.online_retail import import_online_retail
from streamproc.runtime.client.outbox import Outbox, Outgoing, SendError
from streamproc.runtime.client.reading import follow
from streamproc.runtime.client.send import Destination, Pacing, send
from streamproc.runtime.supervise.supervisor import Supervisor, worker_command
from streamproc.settings.app import MetricsSettings
from streamproc.settings.stages import STAGES, port_of

SEED = 2011
DAY_SECONDS = 86_400
USUAL_SPEED, ALL_DAYS = 3.0, 374
"""Days a second: so many that two cores keep up. If more is sent, released models count only behind what waits."""
FIRST_DAY = date(2010, 12, 1)
CLOSE_AFTER = timedelta(days=2)
PATIENCE_SECONDS = 120.0

NEXT = """What next  (source .venv/bin/activate puts streamproc on the path)
  config/triggers.toml       change or add a rule, then `make demo` again
  streamproc up --embedded   the same system, waiting for your own events
  streamproc tail            in another terminal: what comes out, as it comes
  README.md                  the tour"""


@click.command()
@click.option("--speed", type=click.FloatRange(min=0), default=USUAL_SPEED, show_default=True,
              help="Days of the shop's time per second; 0: as fast as this machine can; "
                   "models may then be released too late to score.")  # fmt: skip
@click.option(
    "--days", type=click.IntRange(1, ALL_DAYS), default=ALL_DAYS, show_default=True, help="How many days to send."
)
@click.pass_obj
def demo(context: Context, speed: float, days: int) -> None:
    """Start Kafka and all stages, send a year of real purchases with synthetic browsing, show what comes out."""
    context.configuration  # noqa: B018  what is wrong in it is told before anything is prepared or started
    console = Terminal()
    console.print("streamproc demo: a real British gift shop, December 2010 to December 2011 (Online Retail, CC0),")
    console.print(
        "its purchases as they were, with synthetic browsing, carts and e-mails around them, and shoppers who"
    )
    console.print(
        "click on offers by tastes of their own: see offer_click_rate beside control_offer_click_rate, which are known"
    )
    console.print(
        "when the first version of what offers bring has been released, and its first offers have been answered."
    )
    takes = "takes about three minutes on two cores and " if (speed, days) == (USUAL_SPEED, ALL_DAYS) else ""
    console.print(f"It {takes}ends by itself; Ctrl-C ends it at once. Nothing is left running.")
    dumps = prepared_dumps(console, days)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        folder = stack.enter_context(scratch())
        lines = StageLines(console, as_json=False)
        bootstrap = stack.enter_context(embedded_kafka(BrokerSettings(folder / "kafka"), lines))
        apply_topics(context, bootstrap)
        supervisor = stack.enter_context(running_stages(context, bootstrap, folder, console))
        run(Show(context, bootstrap, console, supervisor).run(dumps, speed * DAY_SECONDS or None))
    console.print(*NEXT.splitlines(), sep="\n")


def prepared_dumps(console: Terminal, days: int) -> list[Path]:
    """The year as dumps, made once and kept in the cache folder."""
    folder = user_cache_path("streamproc") / f"demo-{__version__}-{SEED}-{days}"
    real, made_up = folder / "online-retail.jsonl.gz", folder / "synthetic.jsonl.gz"
    if not made_up.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with console.status("reading 541,909 rows, and making up browsing around them (once)"):
            import_online_retail(
                default_folder("data") / "online_retail.csv.gz", real, lambda _: None,
                first_day=FIRST_DAY, last_day=FIRST_DAY + timedelta(days=days - 1),
            )  # fmt: skip
            synthesize(real, made_up, SEED, lambda _: None)
    return [real, made_up]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="streamproc-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_stages(context: Context, bootstrap: str, folder: Path, console: Terminal) -> Iterator[Supervisor]:
    """All four stages while the block runs; only historical events move time."""
    environ = {
        "STREAMPROC_KAFKA__BOOTSTRAP": bootstrap,
        "STREAMPROC_RUNTIME__DATA_DIR": str(folder),
        "STREAMPROC_COLLECT__WATERMARK__IDLE": "hold",
        "STREAMPROC_COLLECT__WATERMARK__EVERY_SECONDS": "0.2",  # or timers of an hour wait five days of the shop's time
        "STREAMPROC_METRICS__FIRST_PORT": str(metrics_port()),
    }
    path = folder / "stages.log"
    log = path.open("w", buffering=1)
    supervisor = Supervisor(
        {stage: worker_command(stage, context.arguments) for stage in STAGES},
        lambda stage, line: log.writelines([f"{stage}: {line}\n"]),
        environ,
    )
    console.print(styled((f"starting {', '.join(STAGES)} (their log: {path})", "dim")))
    watcher = threading.Thread(target=supervisor.watch, daemon=True)
    try:
        supervisor.start()
        watcher.start()
        yield supervisor
    except click.ClickException:
        last_lines = path.read_text().splitlines()[-20:]
        console.print("the last lines of the stages' log:", *last_lines, sep="\n")
        raise
    finally:
        with console.status("stopping"):
            supervisor.stop()
        if watcher.ident is not None:
            watcher.join(5)
        log.close()


def metrics_port() -> int:
    """The first of the usual ports of the metrics if all of them are free, else 0: any."""
    usual = MetricsSettings()
    return usual.first_port if all(is_free(port_of(stage, usual)) for stage in STAGES) else 0


class Show:
    """Sends the events and shows what comes out of the other end."""

    def __init__(self, context: Context, bootstrap: str, console: Terminal, supervisor: Supervisor) -> None:
        configuration = context.configuration
        self._client = {**context.client, "bootstrap_servers": bootstrap}
        self._prefix = configuration.app.kafka.prefix
        self._sources = configuration.app.collect.topics
        self._console = console
        self._supervisor = supervisor
        self._topics = [
            *map(trigger_topic, configuration.plan.senders),
            OFFERS_TOPIC, SCORES_TOPIC, SEGMENTS_TOPIC, SUPPRESSIONS_TOPIC, KPIS_TOPIC,
        ]  # fmt: skip
        self._board = Scoreboard(totals_of(configuration.kpi_plan.measures))

    async def run(self, dumps: list[Path], speed: float | None) -> None:
        """Until the KPIs of the last day are there, or nothing more comes."""
        with Live(self._board, console=self._console, refresh_per_second=4):
            async with self._outbox() as outbox:
                reading = asyncio.create_task(self._read(outbox))
                try:
                    await self._send(dumps, speed)
                    await self._until_complete(reading)
                finally:
                    reading.cancel()
                    with suppress(asyncio.CancelledError):
                        await reading

    async def _send(self, dumps: list[Path], speed: float | None) -> None:
        destination = Destination(self._client, self._sources, self._prefix)
        tempo = Pacing(speed=speed, close_after=CLOSE_AFTER)
        try:
            await send(merge_dumps(dumps), destination, tempo, self._board.sent)
        except SendError as error:
            raise CommandFailedError(str(error)) from error

    async def _until_complete(self, reading: "asyncio.Task[None]") -> None:
        self._board.all_sent = True
        waited = 0.0
        while not self._board.is_complete and not reading.done():
            before = self._board.seen
            await asyncio.sleep(0.25)
            waited = 0.0 if self._board.seen != before else waited + 0.25
            if waited > PATIENCE_SECONDS or any(child.given_up for child in self._supervisor.children):
                raise CommandFailedError("nothing comes out any more")
        if reading.done():
            reading.result()

    async def _read(self, outbox: Outbox) -> None:
        """Show what comes, and mail the offers to the shoppers, who click if they like them."""
        async for record in follow(self._client, [self._prefix + topic for topic in self._topics], from_start=True):
            if not record.value:
                continue
            self._board.saw(record.topic, record.value)
            if record.topic == self._prefix + OFFERS_TOPIC:
                for said in mail_of(orjson.loads(record.value), SEED):
                    await outbox.put(self._prefix + said.topic, Outgoing(said.key, said.value, said.timestamp))

    @asynccontextmanager
    async def _outbox(self) -> AsyncIterator[Outbox]:
        try:
            async with Outbox(self._client, PATIENCE_SECONDS) as outbox:
                yield outbox
        except SendError as error:
            raise CommandFailedError(str(error)) from error
