"""`streamproc import`: real data into dumps that `streamproc send` can send."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from streamproc.cli.context import default_folder
from streamproc.offline.online_retail import OnlineRetailError, import_online_retail

ROWS = 541_909


@click.group("import")
def import_group() -> None:
    """Turn data sets into dumps (JSONL, optionally .gz)."""


@import_group.command("online-retail")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="The file; default: the one in data/.")
@click.option("--out", type=click.Path(path_type=Path), default="online-retail.jsonl.gz", show_default=True)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
def online_retail(csv_path: Path | None, out: Path, first: datetime | None, last: datetime | None) -> None:
    """A year of a real British gift shop (CC0): 541,909 rows become one event per invoice."""
    console = Console()
    path = csv_path or default_folder("data") / "online_retail.csv.gz"
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("reading rows", total=ROWS)
            counts = import_online_retail(
                path,
                out,
                lambda done: progress.update(task, completed=done),
                first_day=first.date() if first else None,
                last_day=last.date() if last else None,
            )
    except (OnlineRetailError, OSError) as error:
        raise click.ClickException(str(error)) from error
    console.print(
        f"{counts.rows:,} rows -> {counts.events:,} events in {out}: {counts.orders:,} orders, "
        f"{counts.cancellations:,} cancellations, {counts.refunds:,} refunds and adjustments"
    )
    console.print(f"next: streamproc send {out}")
