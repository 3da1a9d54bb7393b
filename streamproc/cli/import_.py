"""`streamproc import`: tables of other systems into dumps that `send`, `replay` and `backtest` read."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, SpinnerColumn, TextColumn

from streamproc.cli.context import Context, default_folder
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.output import OutputFile, why_not_written
from streamproc.cli.terminal import Terminal, styled
from streamproc.counted import counted
from streamproc.offline.dumps.record import DumpError
from streamproc.offline.price_changes import write_price_changes
from streamproc.offline.tables.importing import SHIPPED, ImportReport, import_tables, read_mapping
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.outcome import Days

Command = Callable[..., Any]


@click.group("import")
def import_group() -> None:
    """Turn tables into dumps (JSONL, gzipped if the name ends in .gz).

    Rows that do not fit are put aside beside the dump, with file, line and reason; nothing is lost silently.
    """


def _common(command: Command) -> Command:
    for option in (
        click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC)."),
        click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC)."),
    ):
        command = option(command)
    return command


@import_group.command("csv")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--mapping", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="What the columns mean; config/mappings/ has examples to copy.")  # fmt: skip
@click.option("--out", type=OutputFile(), required=True, help="The dump to write.")
@_common
def from_csv(files: Sequence[Path], mapping: Path, out: Path, first: datetime | None, last: datetime | None) -> None:
    """Any table of orders or events (CSV, JSON lines or arrays), by a mapping; an order may stand in several files."""
    _import(mapping, files, out, _days(first, last))


def _data_set(name: str, table: str, summary: str) -> None:
    """The command of a data set that has a shipped mapping: `import NAME`."""

    @import_group.command(name, help=summary)
    @click.option("--csv", "csv_path", type=click.Path(path_type=Path), help=f"The file; default: data/{table}.")
    @click.option("--out", type=OutputFile(), default=f"{name}.jsonl.gz", show_default=True)
    @_common
    @click.pass_obj
    def from_data_set(
        context: Context, csv_path: Path | None, out: Path, first: datetime | None, last: datetime | None
    ) -> None:
        _import(
            _shipped(context, f"{name}.toml"), [csv_path or default_folder("data") / table], out, _days(first, last)
        )


_data_set(
    "online-retail",
    "online_retail.csv.gz",
    "A year of a real British gift shop (CC0): 541,909 rows become one event per invoice.",
)
_data_set(
    "complete-journey",
    "completejourney_transactions_sample.csv.gz",
    "A year of American households' groceries (CC0): 75,000 sampled rows become one event per basket.",
)


@import_group.command("prices")
@click.argument("orders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=OutputFile(), default="prices.jsonl.gz", show_default=True)
def prices(orders: Sequence[Path], out: Path) -> None:
    """From dumps of orders: when the price of each product changed, as events of the catalogue."""
    try:
        changes = write_price_changes(orders, out, lambda _: None)
    except (DumpError, OSError) as error:
        raise CommandFailedError(why_not_written(error, out)) from error
    Terminal().print(f"{counted(changes, 'price')} in {out}")


def _shipped(context: Context, name: str) -> Path:
    own = context.config_dir / "mappings" / name
    return own if own.is_file() else SHIPPED / name


def _days(first: datetime | None, last: datetime | None) -> Days | None:
    if first is None and last is None:
        return None
    return Days(first.date() if first else date.min, last.date() if last else date.max)


def _import(mapping_path: Path, files: Sequence[Path], out: Path, days: Days | None) -> None:
    console = Terminal()
    try:
        mapping = read_mapping(mapping_path, files)
        with Progress(SpinnerColumn(), TextColumn("{task.completed:,} rows"), console=console, transient=True) as bar:
            task = bar.add_task("", total=None)
            report = import_tables(mapping, files, out, lambda done: bar.update(task, completed=done), days)
    except (TableError, OSError) as error:
        raise CommandFailedError(why_not_written(error, out)) from error
    _tell(console, report, out)
    if not report.events:
        raise CommandFailedError("not one event came of it")


def _tell(console: Terminal, report: ImportReport, out: Path) -> None:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.events.items()))
    console.print(
        f"{counted(report.rows, 'row')} -> {counted(report.events.total(), 'event')} in {out}"
        + (f": {kinds}" if kinds else "")
    )
    for reason, count in report.left_out.most_common():
        console.print(f"{counted(count, 'row')} left out: {reason}")
    if report.rejects:
        aside = (f"{counted(report.bad.total(), 'row')} put aside", "yellow")
        console.print(styled(aside, f" in {' and '.join(map(str, report.rejects))}:"))
        for place, count in report.bad.most_common():
            console.print(f"  {counted(count, 'does', 'do')} not fit {place}")
    for trait, kind in report.untyped.items():
        console.print(f"traits.{trait} is text, and every value is a {kind}: conditions that compare it are never true")
        console.print(f'  write {trait} = {{ column = "…", kind = "{kind}" }} in [traits] of the mapping')
    if report.events:
        console.print(f"next: streamproc send {out}, or replay or backtest it")
