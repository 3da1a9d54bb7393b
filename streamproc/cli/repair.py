"""`streamproc repair`: do on purpose what a worker refuses by accident. Each shows first what would happen."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.recount import plan_recount
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say
from streamproc.cli.workers import worker_settings
from streamproc.data_folder import in_folder
from streamproc.events.times import epoch_ms
from streamproc.events.topics import FACTS_TOPIC
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.api import Stage
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.repair import steps as plans
from streamproc.runtime.repair.copies import copies, drop_copy, size_bytes
from streamproc.runtime.repair.perform import SituationChangedError, WorkersAliveError, perform
from streamproc.runtime.repair.situation import Situation, StageSituation, look, members_after
from streamproc.runtime.repair.steps import ImpossibleError, Step
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.worker.layout import needed_rights
from streamproc.runtime.worker_settings import WorkerSettings
from streamproc.settings.stages import MAKERS, STAGES

Planned = Callable[[Sequence[Situation]], list[Step]]
SESSION_MARGIN_SECONDS = 3.0
PLACES = ("earliest", "latest", "state")


class RefusedError(CommandFailedError):
    """Nothing was done: it is not possible, or not now."""


class Place(click.ParamType):
    """Where to go on: a name, or an offset."""

    name = f"[{'|'.join(PLACES)}|OFFSET]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it was typed, if it is one."""
        if value not in PLACES and not str(value).isdecimal():
            self.fail(f"{value!r} is neither {', '.join(PLACES)} nor an offset", param, ctx)
        return str(value)


stage_argument = click.argument("stage", type=click.Choice(STAGES))
topic_argument = click.argument("topic")
partition_option = click.option("--partition", "partitions", type=int, multiple=True, help="Only these; default: all.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group("repair")
def repair_group() -> None:
    """Do on purpose what a worker refuses by accident.

    Each command shows first what would happen, and refuses while workers of the stage are running.
    TOPIC is one that the stage reads, without the cluster's prefix.
    """


@repair_group.command("show")
@stage_argument
@click.pass_obj
def show(context: Context, stage: str) -> None:
    """Show a stage's offsets, states, copies and workers. Reads the whole changelog."""
    looked_at, settings = _stage(context, stage)
    found = run(look(looked_at, settings))
    table = Table("partition", "log", "committed", "states made up to", "states", box=None)
    for one in found.partitions:
        made = "-" if one.mark is None else f"{one.mark.offset}"
        if one.mark is not None and one.mark.topic_id != one.topic.topic_id:
            made += f" of a topic that was deleted ({one.mark.topic_id})"
        log = f"{one.offsets.begin} to {one.offsets.end}"
        committed = "-" if one.offsets.committed is None else str(one.offsets.committed)
        table.add_row(f"{one.topic.on_cluster}-{one.partition}", log, committed, made, str(len(one.keys)))
    Terminal().print(table)
    for path in copies(settings.data_dir, found.layout.group):
        say(f"local copy {path}: {size_bytes(path):,} bytes")
    say(f"{len(found.members)} worker(s) in the group {found.layout.group}")
    for member in found.members:
        say(f"  {member}")


@repair_group.command("move")
@stage_argument
@topic_argument
@partition_option
@click.option(
    "--to", "where", type=Place(), required=True, help="Where the stage goes on; `state`: where its states are."
)
@yes_option
@click.pass_obj
def move(context: Context, /, stage: str, topic: str, partitions: tuple[int, ...], **how: Any) -> None:
    """Go on elsewhere in a topic.

    The group's offset, and what the states are said to stand for, move together.
    """
    _repair(context, (stage, topic, partitions), lambda found: plans.move(found, how["where"]), yes=how["yes"])


@repair_group.command("accept-topic")
@stage_argument
@topic_argument
@yes_option
@click.pass_obj
def accept_topic(context: Context, stage: str, topic: str, *, yes: bool) -> None:
    """Keep the states of a topic that was made anew.

    It was deleted and made again: the stage begins with its first record.
    """
    _repair(context, (stage, topic, ()), plans.accept_topic, yes=yes)


@repair_group.command("drop-state")
@stage_argument
@topic_argument
@partition_option
@yes_option
@click.pass_obj
def drop_state(context: Context, stage: str, topic: str, partitions: tuple[int, ...], *, yes: bool) -> None:
    """Delete a stage's states, and make them anew.

    They are made from what the topic still has.
    """

    def planned(found: Sequence[Situation]) -> list[Step]:
        if partitions and any(each.topic.source.dropped for each in found):
            raise ImpossibleError(f"the states of all partitions of {topic} belong together: leave --partition out")
        return plans.drop_state(found, epoch_ms(datetime.now(UTC)))

    _repair(context, (stage, topic, partitions), planned, yes=yes)


@repair_group.command("recount")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option("--all", "every", is_flag=True, help="Every KPI, also those whose definition has not changed.")
@yes_option
@click.pass_obj
def recount(context: Context, kpis: tuple[str, ...], *, every: bool, yes: bool) -> None:
    """Count KPIs anew by what config/kpis.toml says now.

    Without names: those whose definition has changed, or that came when facts had been counted already.
    Nothing is published until all partitions are counted anew.
    """
    settings = worker_settings(context.configuration, Silent())
    planned = partial(plan_recount, context.configuration.kpi_plan, kpis, every=every, settings=settings)
    _repair(context, ("measure", FACTS_TOPIC, ()), lambda found: planned(situations=found), yes=yes)


@repair_group.command("drop-copy")
@stage_argument
@partition_option
@yes_option
@click.pass_obj
def drop_copies(context: Context, stage: str, partitions: tuple[int, ...], *, yes: bool) -> None:
    """Delete the local copies of a stage's states.

    Those on this machine; they are built again from the changelog.
    """
    settings = worker_settings(context.configuration, Silent())
    paths = copies(settings.data_dir, settings.group(stage), partitions)
    with _no_worker_here(stage, settings):
        for path in paths:
            say(f"{path}: {size_bytes(path):,} bytes are deleted; nothing is lost, the changelog is the truth")
        _confirm(len(paths), yes=yes)
        for path in paths:
            drop_copy(path)


def _repair(context: Context, place: tuple[str, str, tuple[int, ...]], planned: Planned, *, yes: bool) -> None:
    name, topic, partitions = place
    stage, settings = _stage(context, name)
    run(admit(settings.client, needed_rights(stage, settings)))
    found = run(look(stage, settings, topic, partitions))
    if not found.partitions:
        read = ", ".join(one for source in stage.sources for one in source.topics)
        raise RefusedError(f"{name} reads no such partition of {topic}; it reads {read}")
    try:
        steps = planned(found.partitions)
    except ImpossibleError as error:
        raise RefusedError(str(error)) from error
    with _no_worker_here(name, settings):
        if found.members:
            _wait_for_an_empty_group(found, settings)
        _show(found, steps)
        _confirm(len(steps), yes=yes)
        try:
            run(perform(steps, found, settings))
        except (WorkersAliveError, SituationChangedError, SnapshotError) as error:
            raise RefusedError(str(error)) from error
    say(f"Done: {len(steps)} partition(s). Start the workers of {name} again.")


@contextmanager
def _no_worker_here(stage: str, settings: WorkerSettings) -> Iterator[None]:
    """Keep workers of the stage off this machine's copies meanwhile; where there are none, there is nothing to keep.

    Raises:
        FolderInUseError: a worker has them.
    """
    folder = settings.data_dir / settings.group(stage)
    with in_folder(folder):
        is_there = folder.is_dir()
    if is_there:
        with settings.folder_lock(stage):
            yield
    else:
        yield


def _wait_for_an_empty_group(found: StageSituation, settings: WorkerSettings) -> None:
    seconds = settings.session_seconds + SESSION_MARGIN_SECONDS
    say(f"{len(found.members)} worker(s) in the group; waiting {seconds:.0f} s at most until it is empty")
    if members := run(members_after(settings.client, found.layout.group, seconds)):
        raise RefusedError(str(WorkersAliveError(members)))


def _stage(context: Context, name: str) -> tuple[Stage, WorkerSettings]:
    return MAKERS[name](context.configuration), worker_settings(context.configuration, Silent())


def _show(found: StageSituation, steps: Sequence[Step]) -> None:
    say(f"group {found.layout.group}")
    table = Table("partition", "committed", "goes on at", "what it means", box=None)
    for step in steps:
        one = step.situation
        committed = "-" if one.offsets.committed is None else str(one.offsets.committed)
        table.add_row(f"{one.topic.on_cluster}-{one.partition}", committed, str(step.to), step.meaning)
    Terminal().print(table)


def _confirm(count: int, *, yes: bool) -> None:
    if not count:
        raise RefusedError("there is nothing to do")
    if not yes:
        click.confirm("Do this?", abort=True)
