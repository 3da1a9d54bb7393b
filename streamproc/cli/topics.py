"""`streamproc topics`: show, plan and make the topics of `topics/*.toml` in a cluster; nothing is ever deleted."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, assert_never

import click
from rich.table import Table

from streamproc.cli.commands import Commands
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say, whole
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.client.rights import Operation, topic_rights
from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.topics.admin import TopicsNotAppliedError
from streamproc.runtime.topics.plan import Addition, Change, Creation, TopicPlan
from streamproc.settings.topics import TopicCatalogue

NOTHING_TO_DO, SOMETHING_TO_DO, REFUSED = 0, 1, 2
"""The exit codes of `plan`, as those of diff: same, different, trouble."""

TO_COMPARE = (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)

T = TypeVar("T")


class TopicSettings(Protocol):
    """What these commands need of the settings."""

    @property
    def client(self) -> Mapping[str, Any]:
        """The connection arguments of aiokafka."""
        ...

    @property
    def catalogue(self) -> TopicCatalogue:
        """The topics as they are to be."""
        ...


@click.group("topics", commands=Commands({"acls": "acls:show_rights"}))
def topics_group() -> None:
    """The topics of the cluster, as topics/*.toml describes them."""


@topics_group.command("plan")
@click.pass_obj
def plan_topics(settings: TopicSettings) -> None:
    """Show what `apply` would do.

    Exits with 0 if there is nothing to do, 1 if there is something, 2 if it is refused; as all commands do, with 75 if
    Kafka cannot be asked, with 90 or 91 if it refuses us or a right.
    """
    plan = _wait_for(settings, lambda: topics.plan(settings.client, settings.catalogue), TO_COMPARE)
    _show(plan)
    if plan.refused:
        sys.exit(REFUSED)
    sys.exit(SOMETHING_TO_DO if plan.steps else NOTHING_TO_DO)


@topics_group.command("apply")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def apply_topics(settings: TopicSettings, *, yes: bool) -> None:
    """Make what is missing and change what differs. Deletes nothing, and never repartitions a keyed topic."""
    plan = _wait_for(settings, lambda: topics.plan(settings.client, settings.catalogue), TO_COMPARE)
    _show(plan)
    if plan.refused:
        raise CommandFailedError("nothing was done: see what is refused above")
    if not plan.steps:
        return
    if not yes:
        click.confirm("Do this?", abort=True)
    try:
        _wait_for(settings, lambda: topics.apply(settings.client, plan))
    except TopicsNotAppliedError as error:
        raise CommandFailedError(f"not all was done, {error}") from error
    say(f"Done: {len(plan.steps)} changes.")


@topics_group.command("list")
@click.pass_obj
def list_topics(settings: TopicSettings) -> None:
    """Show every topic with its purpose, and whether the cluster has it."""
    catalogue = settings.catalogue
    names = [catalogue.on_cluster(topic.name) for topic in catalogue]
    found = _wait_for(settings, lambda: describe(settings.client, names))
    table = Table("topic", "partitions", "in the cluster", "cleanup", "purpose")
    for topic in catalogue:
        name = catalogue.on_cluster(topic.name)
        there = str(found[name].partitions) if name in found else "missing"
        table.add_row(whole(name), str(topic.partitions), there, topic.cleanup, topic.purpose)
    Terminal().print(table)


def _wait_for(
    settings: TopicSettings, work: Callable[[], Awaitable[T]], operations: Sequence[Operation] = (Operation.DESCRIBE,)
) -> T:
    """Do the work, once Kafka has let us in and permits this much on each topic."""
    names = [settings.catalogue.on_cluster(topic.name) for topic in settings.catalogue]

    async def admitted() -> T:
        await admit(settings.client, [right for each in operations for right in topic_rights(each, names)])
        return await work()

    return run(admitted())


def _show(plan: TopicPlan) -> None:
    table = Table("", "topic", "what")
    for step in plan.steps:
        sign, what = _describe(step)
        table.add_row(sign, whole(step.name), whole(what))
    for problem in plan.refused:
        table.add_row("!", whole(problem.name), f"refused: {problem.message}; {problem.remedy}", style="red")
    if table.row_count:
        Terminal().print(table)
    say(
        f"{len(plan.creations)} to create, {len(plan.additions)} to extend, {len(plan.changes)} to change, "
        f"{len(plan.refused)} refused, {len(plan.unchanged)} as they should be."
    )


def _describe(step: Creation | Addition | Change) -> tuple[str, str]:
    match step:
        case Creation(topic=made):
            return (
                "+",
                f"create: partitions {made.partitions}, copies {made.replication_factor}, cleanup {made.cleanup}",
            )
        case Addition(now=now, wanted=wanted):
            return "~", f"partitions {now} → {wanted}"
        case Change(configs=configs):
            return "~", "\n".join(f"{name} {now or '(unknown)'} → {wanted}" for name, (now, wanted) in configs.items())
        case _:
            assert_never(step)
