"""`streamproc diff A B`: what is different between two replays, for people and for programs."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click
from rich.table import Table

from streamproc.cli.failing import CommandFailedError
from streamproc.cli.terminal import Terminal, styled
from streamproc.offline.diff.compare import Comparison, Difference, compare
from streamproc.offline.replay.setup import ReplayError

DIFFERENT = 1
MOST_DAYS = 31
"""So many days are shown one by one."""

WHAT = ("same", "added", "dropped", "moved", "changed")


@click.command()
@click.argument("first", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="OUT_A")
@click.argument("second", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="OUT_B")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def diff(first: Path, second: Path, *, as_json: bool) -> None:
    """Compare two replays: what B says more, less, at another time or otherwise than A.

    Exit code 0: the same; 1: different; 2: cannot be compared. Ids, positions and versions are not compared.
    """
    try:
        compared = compare(first, second)
    except (ReplayError, OSError, ValueError) as error:
        raise CommandFailedError(str(error)) from error
    if as_json:
        click.echo(compared.as_json(), nl=False)
    else:
        show(compared)
    sys.exit(DIFFERENT if compared.is_different else 0)


def show(compared: Comparison) -> None:
    """The differences as tables, with examples; what is the same only in one line."""
    console = Terminal(soft_wrap=True)
    for kind, names in compared.kinds.items():
        if any(one.is_different for one in names.values()):
            console.print(_table(kind, names))
            for name, one in names.items():
                _show_examples(console, name, one)
            console.print()
    if (days := days_of(compared)) is not None:
        console.print(days)
        console.print()
    same = [kind for kind, names in compared.kinds.items() if not any(one.is_different for one in names.values())]
    if same:
        console.print(styled(("the same", "green"), f": {', '.join(same)}"))
    versions = [str(summary.get("plan_version")) for summary in (compared.before, compared.after)]
    console.print(f"plan A {versions[0]}, plan B {versions[1]}")


def days_of(compared: Comparison) -> Table | None:
    """Triggers and refusals by days, of a longer time by months, in A and in B; None: they are the same."""
    kinds = [compared.kinds.get(kind, {}) for kind in ("triggers", "suppressions")]
    if not any(one.is_different for names in kinds for one in names.values()):
        return None
    days = sorted({day for names in kinds for one in names.values() for day in one.days})
    size = len("2026-03-01") if len(days) <= MOST_DAYS else len("2026-03")
    columns = ("sent by A", "by B", "refused by A", "by B")
    table = Table("triggers by day" if len(days) <= MOST_DAYS else "triggers by month", *columns, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for when in dict.fromkeys(day[:size] for day in days):
        counts = [
            sum(both[place] for one in names.values() for day, both in one.days.items() if day[:size] == when)
            for names in kinds
            for place in (0, 1)
        ]
        table.add_row(when, *(f"{count:,}" for count in counts))
    return table


def _table(kind: str, names: Mapping[str, Difference]) -> Table:
    table = Table(kind, *WHAT, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, one in names.items():
        if one.is_different:
            counts = [getattr(one, what) for what in WHAT]
            table.add_row(name, *(f"{count:,}" if count else "" for count in counts))
    others = sum(not one.is_different for one in names.values())
    if others:
        table.add_row(styled((f"{others} more: the same", "dim")))
    return table


def _show_examples(console: Terminal, name: str, one: Difference) -> None:
    for what, examples in one.examples.items():
        for example in examples:
            console.print(f"  {name} {what}: {example}", style="dim")
