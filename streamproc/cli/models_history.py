"""`streamproc models history | compare`: what was decided about versions, and how two of them differ."""

from collections.abc import Iterable

import click
from rich.table import Column, Table

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say
from streamproc.did_you_mean import suggest
from streamproc.events.model_audit import ModelAct
from streamproc.events.topics import MODEL_AUDIT_TOPIC, MODELS_TOPIC
from streamproc.events.training import ModelCard
from streamproc.runtime.client.model_acts import read_acts, read_cards
from streamproc.runtime.client.rights import Operation

NONE = "-"


@click.command("history")
@click.argument("model", required=False)
@click.pass_obj
def history(context: Context, model: str | None) -> None:
    """Show who had which version count, when and why (of all models, or of one)."""
    acts = acts_of(context)
    if not acts:
        say("nothing has been decided about any model: the newest release of each counts")
        return
    names = {act.model for act in acts}
    if model is not None and model not in names:
        raise CommandFailedError(f"nothing has been decided about a model {model!r}; {suggest(model, sorted(names))}")
    for act in acts:
        if model in (None, act.model):
            later = "wait" if act.frozen else "count"
            say(
                f"{act.at} {act.by}: {act.action} {act.model}, {act.from_version or NONE} -> {act.to_version or NONE}, "
                f"later releases {later}: {act.reason}"
            )


@click.command("compare")
@click.argument("version")
@click.argument("other")
@click.pass_obj
def compare(context: Context, version: str, other: str) -> None:
    """Show two versions side by side: metrics, and what differs in features and parameters.

    The metrics of a version are those of all scores that had been given when it was released.
    """
    cards = {card.version: card for card in cards_of(context)}
    for name in (version, other):
        if name not in cards:
            raise CommandFailedError(f"no version {name!r}; `streamproc models list --all` lists all {len(cards)}")
    Terminal(soft_wrap=True).print(_compared(cards[version], cards[other]))


def cards_of(context: Context) -> list[ModelCard]:
    """The cards of all versions, in the order of their release.

    Raises:
        CommandFailedError: the topic is not there.
    """
    context.admit(Operation.READ, [MODELS_TOPIC])
    try:
        return run(read_cards(context.client, context.configuration.app.kafka.prefix))
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error


def acts_of(context: Context) -> list[ModelAct]:
    """All acts, in order.

    Raises:
        CommandFailedError: the topic is not there.
    """
    context.admit(Operation.READ, [MODEL_AUDIT_TOPIC])
    try:
        return run(read_acts(context.client, context.configuration.app.kafka.prefix))
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error


def _compared(one: ModelCard, other: ModelCard) -> Table:
    versions = [Column(card.version, no_wrap=True) for card in (one, other)]
    table = Table("", *versions, "difference", box=None)
    table.add_row("model", one.model, other.model, "")
    table.add_row("examples", f"{one.examples:,}", f"{other.examples:,}", f"{other.examples - one.examples:+,}")
    table.add_row("trained through", one.trained_through[:16], other.trained_through[:16], "")
    for name in sorted({*one.metrics, *other.metrics}):
        values = one.metrics.get(name), other.metrics.get(name)
        before, after = values
        change = "" if before is None or after is None else f"{after - before:+,.6g}"
        table.add_row(name, *(NONE if value is None else f"{value:,.6g}" for value in values), change)
    for name in sorted({*one.parameters, *other.parameters}):
        values_ = one.parameters.get(name, NONE), other.parameters.get(name, NONE)
        if values_[0] != values_[1]:
            table.add_row(f"parameter {name}", *map(str, values_), "")
    for only, shown in ((_beside(one, other), 0), (_beside(other, one), 1)):
        for name in only:
            table.add_row("feature", *(name if place == shown else NONE for place in (0, 1)), "")
    return table


def _beside(one: ModelCard, other: ModelCard) -> Iterable[str]:
    """The features that only the first one has."""
    return [name for name in one.features if name not in other.features]
