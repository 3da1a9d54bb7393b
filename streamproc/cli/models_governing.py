"""`streamproc models freeze | unfreeze | rollback | promote`: which version of a model counts."""

import getpass
import time
from collections.abc import Callable
from typing import Any

import click

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.terminal import say
from streamproc.events.model_audit import ModelAct
from streamproc.events.training import ModelCard
from streamproc.models.releases.acts import ImpossibleActError, ModelHistory, Planned, Who, released
from streamproc.models.releases.bank import ModelBank
from streamproc.models.snapshot_error import SnapshotError
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.client.model_acts import governing_rights, governor
from streamproc.settings.signing import FILE, signing_key

MAX_REASON = 1_000


def _said(_context: click.Context, parameter: click.Parameter, text: str) -> str:
    if not text.strip() or len(text) > MAX_REASON:
        raise click.BadParameter(f"it must have 1 to {MAX_REASON} characters", param=parameter)
    return text.strip()


reason_option = click.option(
    "--reason", required=True, callback=_said, help="Why; it is kept in the audit topic (`streamproc models history`)."
)
by_option = click.option(
    "--by", default=getpass.getuser, callback=_said, help="Who decides this; default: the user of this machine."
)


@click.command("freeze")
@click.argument("model")
@reason_option
@by_option
@click.pass_obj
def freeze(context: Context, /, model: str, **who: str) -> None:
    """Keep the version that counts: later releases are kept, and wait until `unfreeze`."""
    _govern(context, lambda _: model, ModelHistory.freeze, who)


@click.command("unfreeze")
@click.argument("model")
@reason_option
@by_option
@click.pass_obj
def unfreeze(context: Context, /, model: str, **who: str) -> None:
    """Let releases count again, first the newest that came since the model was frozen."""
    _govern(context, lambda _: model, ModelHistory.unfreeze, who)


@click.command("rollback")
@click.argument("model")
@click.option("--to", "version", help="This version; default: the one before the version that counts.")
@reason_option
@by_option
@click.pass_obj
def rollback(context: Context, /, model: str, version: str | None, **who: str) -> None:
    """Have an earlier version count, and freeze the model there.

    Not frozen, learn's next release would undo it within minutes.
    """
    _govern(context, lambda _: model, lambda history: history.rollback(version), who)


@click.command("promote")
@click.argument("version")
@click.option("--unfreeze", "unfreezing", is_flag=True, help="Also if its model is frozen: later releases count again.")
@reason_option
@by_option
@click.pass_obj
def promote(context: Context, /, version: str, *, unfreezing: bool, **who: str) -> None:
    """Have a released version count from here on, until the next release."""

    def model_of(cards: list[ModelCard]) -> str:
        for card in cards:
            if card.version == version:
                return card.model
        raise ImpossibleActError(f"no version {version!r}; `streamproc models list --all` lists all {len(cards)}")

    _govern(context, model_of, lambda history: history.promote(version, unfreezing=unfreezing), who)


def _govern(
    context: Context,
    model_of: Callable[[list[ModelCard]], str],
    plan: Callable[[ModelHistory], Planned],
    who: dict[str, Any],
) -> None:
    key, prefix = _key(context), context.configuration.app.kafka.prefix
    run(admit(context.client, governing_rights(prefix)))

    async def act() -> ModelAct:
        async with governor(context.client, prefix) as governing:
            cards, acts = await governing.known()
            history = ModelHistory.of(model_of(cards), cards, acts)
            planned = plan(history)
            if planned.card:
                _require_usable(context, planned.card, key)
            now_ms = time.time_ns() // 1_000_000
            governed, told = history.acted(planned, Who(who["by"], who["reason"], now_ms), key)
            await governing.act(governed, told)
            return told

    try:
        say(_told(run(act())))
    except (LookupError, ImpossibleActError) as error:
        raise CommandFailedError(str(error)) from error


def _key(context: Context) -> bytes:
    """The system's signing key: one that was made now would be obeyed by nobody."""
    app = context.configuration.app
    if app.signing.key is None and not (path := app.runtime.data_dir / FILE).exists():
        raise CommandFailedError(
            f"decide obeys only who has its signing key: set STREAMPROC_SIGNING__KEY (or put the key into {path})"
        )
    return signing_key(app)


def _require_usable(context: Context, card: ModelCard, key: bytes) -> None:
    """See that decide can use the version, before it is told to."""
    try:
        ModelBank(key, context.configuration.plan.predictions).with_release(released(card))
    except SnapshotError as error:
        raise ImpossibleActError(f"{card.version} cannot be used, so nothing was done: {error}") from error


def _told(act: ModelAct) -> str:
    before = f" (before: {act.from_version})" if act.from_version != act.to_version else ""
    later = (
        f"later releases wait until `streamproc models unfreeze {act.model}`"
        if act.frozen
        else "until a later version is released"
    )
    return f"{act.model}: {act.to_version or 'no version'} counts from now on{before}; {later}"
