"""`streamproc segments`: what tags and segments would hold, before their files are deployed."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import orjson
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from streamproc.cli.context import Context
from streamproc.cli.customer import bank_of
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say, whole
from streamproc.counted import counted
from streamproc.customer.state import Customer
from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.segments.preview import Preview, Previewed
from streamproc.decide.states import CODEC, is_customer
from streamproc.did_you_mean import suggest
from streamproc.events.log import CONTROL_KEY
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.offline.dumps.files import OnProgress
from streamproc.offline.dumps.record import DumpError
from streamproc.offline.replay.output_folder import STATE_FILE
from streamproc.offline.replay.run import Options, replay
from streamproc.offline.replay.setup import ReplayError, setup_of
from streamproc.offline.replay.states import all_states
from streamproc.processor.api import Record
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation
from streamproc.settings.signing import signing_key

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

SHOW_EVERY = 1_000


class Mark(NamedTuple):
    """How it stands with a partition: how far event time is (epoch ms), and the versions that count."""

    at_ms: int = 0
    bank: ModelBank | None = None


NO_MARK = Mark()


@click.group("segments")
def segments_group() -> None:
    """Tags and segments of the configuration."""


@segments_group.command()
@click.argument("name", required=False)
@click.option("--log", "dumps", type=_FILE, multiple=True, metavar="DUMP",
              help="From a replay of this dump (may be given several times); default: the running states.")  # fmt: skip
@click.option("--state", type=_FILE, help="From this state.jsonl of a replay.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def preview(context: Context, name: str | None, *, dumps: Sequence[Path], state: Path | None, as_json: bool) -> None:
    """Show how many customers would have each tag and be in each segment, and ten of them.

    By the files of --config, whatever the running stages go by: `streamproc --config mine segments preview`. As of
    where event time has come. NAME: of this tag or segment only.
    """
    found = Preview(context.configuration.plan)
    known = [each.name for each in found.groups()]
    if name is not None and name not in known:
        raise CommandFailedError(f"no tag or segment {name!r}; {suggest(name, known)}")
    try:
        with _progress() as tell:
            begins = _fill(context, found, dumps, state, tell)
    except (ReplayError, DumpError, LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    groups = [each for each in found.groups() if name in (None, each.name)]
    if as_json:
        shown = {"customers": found.customers, "groups": [asdict(each) for each in groups]}
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return
    show(Terminal(), groups, found.customers)
    if begins:
        say(f"nothing is counted yet of what is declared anew in features.toml: {', '.join(sorted(begins))}; use --log")


def show(console: Terminal, groups: Iterable[Previewed], customers: int) -> None:
    """A table of all of them."""
    numbers = (Column(head, justify="right") for head in ("members", "share", "entering", "leaving"))
    table = Table("kind", "name", *numbers, "examples", box=None)
    for each in groups:
        share = f"{each.members / customers:.1%}" if customers else "-"
        counts = (f"{each.members:,}", share, f"{each.entering:,}", f"{each.leaving:,}")
        table.add_row(each.kind, whole(each.name), *counts, whole(", ".join(each.examples)))
    console.print(table)
    console.print(f"of {counted(customers, 'customer')}; entering and leaving: beside what is known now")


def _fill(
    context: Context, found: Preview, dumps: Sequence[Path], state: Path | None, tell: OnProgress
) -> frozenset[str]:
    """Add all customers; the names of declared features that were not counted yet."""
    if dumps and state is not None:
        raise CommandFailedError("--log or --state, not both")
    if state is not None:
        return _from_file(context, found, state, tell)
    if not dumps:
        context.admit(Operation.READ, [DECIDE_STATE_TOPIC])
        return run(_from_kafka(context, found, tell))
    configuration = context.configuration
    with TemporaryDirectory() as folder:
        out = Path(folder) / "replayed"
        replay(dumps, setup_of(configuration, signing_key(configuration.app)), out, Options(on_progress=tell))
        return _from_file(context, found, out / STATE_FILE, tell)


def _from_file(context: Context, found: Preview, path: Path, tell: OnProgress) -> frozenset[str]:
    marks: dict[int, Mark] = {}
    begins = frozenset[str]()
    states = ((number, key, raw) for topic, number, key, raw in all_states(path) if topic == DECIDE_STATE_TOPIC)
    for number, key, raw in states:
        if key == CONTROL_KEY:
            marks[number], new = _mark(context, raw)
            begins |= new
    for topic, number, key, raw in all_states(path):
        if topic == DECIDE_STATE_TOPIC:
            _add(found, key, raw, marks.get(number, NO_MARK), tell)
    return begins


async def _from_kafka(context: Context, found: Preview, tell: OnProgress) -> frozenset[str]:
    """Twice through the changelog, against all states in memory: first for the newest record of each, and for time."""
    newest: dict[bytes, int] = {}
    marks: dict[int, Mark] = {}
    begins = frozenset[str]()
    async for record in _changelog(context):
        if record.key is not None:
            newest[record.key] = record.offset
        if record.key == CONTROL_KEY and record.value is not None:
            marks[record.partition], new = _mark(context, record.value)
            begins |= new
    async for record in _changelog(context):
        if record.key is not None and record.value is not None and newest.get(record.key) == record.offset:
            _add(found, record.key, record.value, marks.get(record.partition, NO_MARK), tell)
    return begins


def _changelog(context: Context) -> AsyncIterator[Record]:
    return read_to_end(context.client, context.catalogue.on_cluster(DECIDE_STATE_TOPIC))


def _mark(context: Context, raw: bytes) -> tuple[Mark, frozenset[str]]:
    """How it stands with a partition, and the declared features that are not counted there."""
    state = CODEC.decode(raw)
    if not isinstance(state, PartitionState):
        return NO_MARK, frozenset()
    configuration = context.configuration
    bank = bank_of(state, configuration.plan, signing_key(configuration.app))
    return Mark(state.watermark_ms or 0, bank), configuration.plan.declared.beyond(state.counting)


def _add(found: Preview, key: bytes, raw: bytes, mark: Mark, tell: OnProgress) -> None:
    state = CODEC.decode(raw) if not key.startswith(b"\0") and is_customer(key, raw) else None
    if isinstance(state, Customer):
        found.add(state, mark.at_ms, mark.bank)
        if found.customers % SHOW_EVERY == 0:
            tell(found.customers)


@contextmanager
def _progress() -> Iterator[OnProgress]:
    console = Terminal(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} read"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done: progress.update(bar, completed=done)
