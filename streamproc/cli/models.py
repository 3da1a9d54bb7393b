"""`streamproc models`: which versions were released, how good they were, and how each was trained."""

from collections.abc import Iterable
from typing import Any

import click
import orjson
from rich.table import Table

from streamproc.cli.commands import Commands
from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say
from streamproc.did_you_mean import suggest
from streamproc.events.topics import MODELS_TOPIC
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation

Card = dict[str, Any]
"""Any: what `ModelCard` has, as JSON."""

NEWEST = 10
NOT_SHOWN = ("snapshot", "signature", "type")


@click.group("models", commands=Commands({}))
def models_group() -> None:
    """Released versions of the models: list them, show one with how it was trained and how good it was."""


@models_group.command("list")
@click.argument("model", required=False)
@click.option("--all", "everything", is_flag=True, help=f"All versions, not only the newest {NEWEST} of each model.")
@click.pass_obj
def list_models(context: Context, model: str | None, *, everything: bool) -> None:
    """List the released versions, the newest last; the metrics are those of all scores that were given until then."""
    cards = _cards(context)
    names = sorted({card["model"] for card in cards})
    if model is not None and model not in names:
        raise CommandFailedError(f"no version of a model {model!r} was released; {suggest(model, names)}")
    if not cards:
        say("no model has been released yet: models.toml says after how many answered questions (release_every)")
    console = Terminal(soft_wrap=True)
    for name in [model] if model else names:
        of_it = [card for card in cards if card["model"] == name]
        console.print(_table(of_it if everything else of_it[-NEWEST:], len(of_it)))


@models_group.command("show")
@click.argument("version")
@click.pass_obj
def show_model(context: Context, version: str) -> None:
    """Show the card of a version, such as churn-000000500: data, examples, metrics, features and parameters."""
    cards = {card["version"]: card for card in _cards(context)}
    card = cards.get(version)
    if card is None:
        raise CommandFailedError(f"no version {version!r}; `streamproc models list --all` lists all {len(cards)}")
    shown = {name: value for name, value in card.items() if name not in NOT_SHOWN}
    say(orjson.dumps(shown | {"snapshot_bytes": len(card["snapshot"])}, option=orjson.OPT_INDENT_2).decode())


def _cards(context: Context) -> list[Card]:
    """The cards in the order of their release."""
    context.admit(Operation.READ, [MODELS_TOPIC])
    topic = context.configuration.app.kafka.prefix + MODELS_TOPIC

    async def read() -> list[Card]:
        return [orjson.loads(record.value) async for record in read_to_end(context.client, topic) if record.value]

    try:
        return run(read())
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error


def _table(cards: Iterable[Card], count: int) -> Table:
    cards = list(cards)
    metrics = sorted({name for card in cards for name in card["metrics"]})
    table = Table("version", "examples", "trained through", *metrics, box=None)
    table.title, table.title_justify = f"{cards[0]['model']}: {count:,} released", "left"
    for card in cards:
        values = (card["metrics"].get(name) for name in metrics)
        shown = ["" if value is None else f"{value:,.6g}" for value in values]
        table.add_row(card["version"], f"{card['examples']:,}", str(card["trained_through"])[:16], *shown)
    return table
