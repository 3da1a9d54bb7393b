"""`streamproc models`: which versions were released, which counts, how good they were, and how each was trained."""

from collections.abc import Sequence
from dataclasses import asdict

import click
import orjson
from rich.table import Column, Table

from streamproc.cli.commands import Commands
from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.models_history import acts_of, cards_of
from streamproc.cli.terminal import Terminal, say
from streamproc.did_you_mean import suggest
from streamproc.events.training import ModelCard
from streamproc.models.releases.acts import ModelHistory

NEWEST = 10
NOT_SHOWN = ("snapshot", "signature", "type")


@click.group(
    "models",
    commands=Commands(
        {
            "compare": "models_history:compare",
            "freeze": "models_governing:freeze",
            "history": "models_history:history",
            "promote": "models_governing:promote",
            "rollback": "models_governing:rollback",
            "unfreeze": "models_governing:unfreeze",
        }
    ),
)
def models_group() -> None:
    """Released versions of the models: list, show and compare them, and decide which one counts.

    VERSION is one that `streamproc models list` shows, such as churn-000000500.
    """


@models_group.command("list")
@click.argument("model", required=False)
@click.option("--all", "everything", is_flag=True, help=f"All versions, not only the newest {NEWEST} of each model.")
@click.pass_obj
def list_models(context: Context, model: str | None, *, everything: bool) -> None:
    """List the released versions, the newest last, and which one counts.

    The metrics are those of all scores that were given until then.
    """
    cards, acts = cards_of(context), acts_of(context)
    names = sorted({card.model for card in cards})
    if model is not None and model not in names:
        raise CommandFailedError(f"no version of a model {model!r} was released; {suggest(model, names)}")
    if not cards:
        say("no model has been released yet: models.toml says after how many answered questions (release_every)")
    console = Terminal(soft_wrap=True)
    for name in [model] if model else names:
        console.print(_table(ModelHistory.of(name, cards, acts), everything=everything))


@models_group.command("show")
@click.argument("version")
@click.pass_obj
def show_model(context: Context, version: str) -> None:
    """Show the card of a version, such as churn-000000500: data, examples, metrics, features and parameters."""
    cards = {card.version: card for card in cards_of(context)}
    card = cards.get(version)
    if card is None:
        raise CommandFailedError(f"no version {version!r}; `streamproc models list --all` lists all {len(cards)}")
    shown = {name: value for name, value in asdict(card).items() if name not in NOT_SHOWN}
    say(orjson.dumps(shown | {"snapshot_bytes": len(card.snapshot)}, option=orjson.OPT_INDENT_2).decode())


def _table(history: ModelHistory, *, everything: bool) -> Table:
    """The newest versions, or all; one that counts is there in any case."""
    standing = history.standing
    cards = [card for card in history.cards[:-NEWEST] if everything or card.version == standing.counts]
    cards += history.cards[-NEWEST:]
    metrics = sorted({name for card in cards for name in card.metrics})
    table = Table(Column("version", no_wrap=True), "", "examples", "trained through", *metrics, box=None)
    frozen = f", frozen at {standing.counts}" if standing.frozen else ""
    table.title, table.title_justify = f"{history.model}: {len(history.cards):,} released{frozen}", "left"
    marks = {standing.waiting: "waits", standing.counts: "counts"}
    for card in cards:
        table.add_row(
            card.version, marks.get(card.version, ""), f"{card.examples:,}", card.trained_through[:16],
            *_shown(card, metrics),
        )  # fmt: skip
    return table


def _shown(card: ModelCard, metrics: Sequence[str]) -> list[str]:
    values = (card.metrics.get(name) for name in metrics)
    return ["" if value is None else f"{value:,.6g}" for value in values]
