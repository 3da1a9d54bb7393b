"""`streamproc topics acls`: the least rights of each stage, as a table or as the commands that give them."""

from collections.abc import Iterator

import click
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.terminal import Terminal, say, whole
from streamproc.cli.working import worker_settings
from streamproc.metrics import Metrics
from streamproc.runtime.catalogue import STAGES, make_stage
from streamproc.runtime.layout import needed_rights
from streamproc.runtime.observer import Silent
from streamproc.runtime.rights import Grant, grants


@click.command("acls")
@click.option("--stage", "only", type=click.Choice(STAGES), help="Of this stage; default: of each.")
@click.option("--principal", metavar="User:NAME", help="Print the commands that give them to this user.")
@click.pass_obj
def show_rights(context: Context, only: str | None, principal: str | None) -> None:
    """Show the least rights (ACLs) of each stage in this cluster. Kafka is not asked.

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
    """What each stage needs, by stage."""
    settings = worker_settings(context.configuration, Silent())
    for name in STAGES:
        for grant in grants(needed_rights(make_stage(name, context.configuration, Metrics()), settings)):
            yield name, grant
