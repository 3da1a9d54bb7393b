"""`streamproc send DUMP…`: raw events to Kafka in time order, with the punctuation that moves event time."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.live import Live

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal
from streamproc.events.times import rfc3339
from streamproc.offline.dumps.files import merge_dumps
from streamproc.offline.dumps.record import DumpError
from streamproc.runtime.client.outbox import SendError
from streamproc.runtime.client.rights import Operation
from streamproc.runtime.client.send import Destination, Pacing
from streamproc.runtime.client.send import send as send_records


@click.command()
@click.argument("dumps", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--speed", type=float, help="Seconds of event time per second; default: as fast as possible.")
@click.option("--close-after-days", type=float, default=0.0, show_default=True,
              help="How much event time passes after the last event, so that timers and windows close.")  # fmt: skip
@click.pass_obj
def send(context: Context, dumps: Sequence[Path], speed: float | None, close_after_days: float) -> None:
    """Send dumps to the raw topics, merged in time order, as received when their timestamps say.

    Time never goes back: send historical data to an empty Kafka (`streamproc kafka reset`) with `idle = "hold"` in
    [collect.watermark] of app.toml, where only these events move time. Otherwise they all come too late.
    """
    app, console = context.configuration.app, Terminal()
    destination = Destination(app.kafka.client, app.collect.topics, app.kafka.prefix)
    context.admit(Operation.WRITE, app.collect.topics)
    tempo = Pacing(speed=speed, close_after=timedelta(days=close_after_days))
    try:
        with Live("", console=console, transient=True) as live:
            sent = run(
                send_records(
                    merge_dumps(dumps),
                    destination,
                    tempo,
                    lambda done, at_ms: live.update(f"{done:,} events, {rfc3339(at_ms) if at_ms else ''}"),
                )
            )
    except (SendError, DumpError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    console.print(
        f"{sent.events:,} events sent" + (f", complete to {rfc3339(sent.through_ms)}" if sent.through_ms else "")
    )
