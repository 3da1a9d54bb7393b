"""`streamproc replay DUMP…`: what the system would have said to these events, with this configuration."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.diff import DIFFERENT, show
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.output import OutputFolder, why_not_written
from streamproc.cli.terminal import Terminal, styled
from streamproc.counted import counted
from streamproc.events.times import DAY_MS
from streamproc.offline.diff.compare import compare
from streamproc.offline.dumps.record import DumpError
from streamproc.offline.replay.consent import assuming_consent, refused_for_want_of_consent
from streamproc.offline.replay.money import orders_without_rate
from streamproc.offline.replay.never_fit import comparisons_that_never_fit
from streamproc.offline.replay.output_folder import STATE_FILE
from streamproc.offline.replay.run import Options, refuse_foreign, replay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError, setup_of
from streamproc.offline.replay.summary import Summary
from streamproc.settings.load import load
from streamproc.settings.signing import signing_key

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

ASSUME_CONSENT = click.option(
    "--assume-consent", is_flag=True, help="As if everybody allowed marketing who has not said anything."
)


@click.command("replay")
@click.argument("dumps", nargs=-1, required=True, type=_FILE, metavar="DUMP...")
@click.option("--config", type=_FOLDER, help="Folder of the TOML files; default: that of the other commands.")
@click.option("--out", type=OutputFolder(), required=True, help="Folder of the outputs.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes; same outputs.")
@click.option("--against", type=_FOLDER, help="Replay with this configuration too, into OUT/a and OUT/b, and compare.")
@click.option("--state", type=_FILE, help="Go on from this state.jsonl of a replay of what was before.")
@ASSUME_CONSENT
@click.option("--close-after-days", type=click.FloatRange(min=0), default=0.0, show_default=True,
              help="How much event time passes after the last raw event.")  # fmt: skip
@click.pass_obj
def replay_command(  # noqa: PLR0913  options
    context: Context,
    dumps: Sequence[Path],
    *,
    config: Path | None,
    out: Path,
    jobs: int,
    against: Path | None,
    state: Path | None,
    assume_consent: bool,
    close_after_days: float,
) -> None:
    """Replay dumps of the customer log exactly, or of raw topics through all stages, into a folder.

    The code is that of the live workers. With --against the exit code says whether the configurations differ (1).
    """
    options = Options(jobs, state, round(close_after_days * DAY_MS))
    configurations = [config or context.config_dir, *([against] if against else [])]
    folders = [out] if against is None else [out / "a", out / "b"]
    try:
        for folder in folders:
            refuse_foreign(folder)
        for folder, configuration in zip(folders, configurations, strict=True):
            setup = _setup(configuration, context.topics_dir)
            _replay(dumps, assuming_consent(setup) if assume_consent else setup, folder, options)
        compared = compare(*folders) if against else None
    except (ReplayError, DumpError, OSError) as error:
        raise CommandFailedError(why_not_written(error, out)) from error
    if compared is not None:
        show(compared)
        sys.exit(DIFFERENT if compared.is_different else 0)


def _setup(config_dir: Path, topics_dir: Path) -> ReplayConfig:
    configuration = load(config_dir, topics_dir)
    return setup_of(configuration, signing_key(configuration.app))


def _replay(dumps: Sequence[Path], setup: ReplayConfig, out: Path, options: Options) -> None:
    started, console = time.monotonic(), Terminal(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} records"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        reading = replace(options, on_progress=lambda done: progress.update(bar, completed=done))
        summary = replay(dumps, setup, out, reading)
    _tell(summary, out, time.monotonic() - started)
    _warn_of_comparisons(setup, out)


def _warn_of_comparisons(setup: ReplayConfig, out: Path) -> None:
    for never in comparisons_that_never_fit(setup.plan, out / STATE_FILE):
        Terminal().print(
            styled(
                (f"{never.where}: no comparison with trait {never.trait} ever fitted", "yellow"),
                f": it is {never.found} for {counted(never.customers, 'customer')}, and compared with {never.wanted}; "
                "give the trait the other kind where it comes from (traits of an import: kind = …)",
            )
        )


def _tell(summary: Summary, out: Path, seconds: float) -> None:
    console = Terminal()
    table = Table("topic", "records", box=None)
    table.columns[1].justify = "right"
    for topic, count in summary.outputs.items():
        table.add_row(topic, f"{count:,}")
    console.print(table)
    versions = summary.model_versions
    models = f"{versions[0]} to {versions[-1]} ({len(versions)})" if versions else "none"
    events, customers = counted(summary.events, "event"), counted(summary.customers, "customer")
    console.print(f"{events} of {customers} in {seconds:.1f} s; models: {models}")
    if refused := refused_for_want_of_consent(out, summary):
        what = f"{counted(refused, 'message was', 'messages were')} refused because nobody has consented"
        console.print(styled((what, "yellow"), "; --assume-consent replays as if all had"))
    for currency, orders in orders_without_rate(out).items():
        what = f"{counted(orders, 'order')} in {currency} {'is' if orders == 1 else 'are'} in no sum of money"
        console.print(styled((what, "yellow"), ": say a rate in config/rates.toml, or the shop's currency in app.toml"))
    if summary.begins:
        console.print(
            styled(
                ("the dump does not begin at the log's beginning", "yellow"),
                f" (offsets {dict(summary.begins)}): what was before is not known; "
                "--state goes on from an earlier replay",
            )
        )
    console.print(f"plan {summary.plan_version}, decisions {summary.decisions_hash[:16]}, in {out}")
