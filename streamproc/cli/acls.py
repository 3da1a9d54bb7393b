"""`streamproc topics acls`: the least rights of each stage, `dlq`, `models` and `repair show`: a table, or commands."""

from collections.abc import Iterator

import click
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.terminal import Terminal, say, whole
from streamproc.cli.workers import worker_settings
from streamproc.runtime.client.dead_letters import replay_rights
from streamproc.runtime.client.model_acts import governing_rights
from streamproc.runtime.client.rights import Grant, grants
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.worker.layout import looking_rights, needed_rights
from streamproc.settings.stages import STAGES, stages_of

DLQ, MODELS, SHOW = "dlq", "models", "show"
"""Who sends dead letters again, decides about models, or looks with `repair show`; others need what a stage does."""


@click.command("acls")
@click.option(
    "--stage",
    "only",
    type=click.Choice((*STAGES, DLQ, MODELS, SHOW)),
    help="Of this stage, of `dlq`, of `models` or of `repair show`; default: all.",
)
@click.option("--principal", metavar="User:NAME", help="Print the commands that give them to this user.")
@click.pass_obj
def show_rights(context: Context, only: str | None, principal: str | None) -> None:
    """Show the least rights (ACLs) of each stage, of `dlq`, `models` and `repair show`, in this cluster.

    Kafka is not asked.

    With `--principal`: the commands of Kafka's own tool, to be run by somebody who may.
    """
    found = [(stage, grant) for stage, grant in rights(context) if only in (None, stage)]
    if principal:
        for _, grant in found:
            say(grant.command(context.configuration.app.kafka.bootstrap, principal))
        return
    table = Table("stage", "operations", "on", "names")
    for stage, grant in found:
        operations = ", ".join(operation.shown for operation in grant.operations)
        names = "\n".join(name + "*" * grant.prefixed for name in grant.names)
        table.add_row(stage, operations, grant.resource, whole(names))
    Terminal().print(table)


def rights(context: Context) -> Iterator[tuple[str, Grant]]:
    """What each stage needs, and who sends dead letters again, decides about models, or only looks at all stages."""
    settings = worker_settings(context.configuration, Silent())
    for stage in stages_of(context.configuration):
        for grant in grants(needed_rights(stage, settings)):
            yield stage.name, grant
    app = context.configuration.app
    for grant in grants(replay_rights(app.kafka.prefix, app.collect.topics)):
        yield DLQ, grant
    for grant in grants(governing_rights(app.kafka.prefix)):
        yield MODELS, grant
    looking = (right for stage in stages_of(context.configuration) for right in looking_rights(stage, settings))
    for grant in grants(dict.fromkeys(looking)):
        yield SHOW, grant
