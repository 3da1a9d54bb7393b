"""`streamproc explain CUSTOMER TRIGGER`: why a message went out, would go out, or would not."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from streamproc.cli.context import Context
from streamproc.cli.customer import known_with_models
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.replayed import known_offline
from streamproc.cli.terminal import Terminal, say
from streamproc.customer.state import Customer
from streamproc.decide.explaining import explained, would_be_sent
from streamproc.decide.finding import Finding
from streamproc.decide.plan import Plan
from streamproc.decide.standing import NO_MODELS
from streamproc.decide.triggers import TriggerRule
from streamproc.did_you_mean import suggest
from streamproc.events.times import SECOND_MS, rfc3339
from streamproc.models.bank import ModelBank

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_MARKS = {True: ("yes", "green"), False: ("no", "bold red"), None: ("", "dim")}


@click.command()
@click.argument("name", metavar="CUSTOMER")
@click.argument("trigger")
@click.option("--at", type=click.DateTime(), help="As of this moment (UTC); default: now.")
@click.option("--log", "dumps", type=_FILE, multiple=True, metavar="DUMP",
              help="By a replay of this dump of the log; default: the running state.")  # fmt: skip
@click.option("--state", type=_FILE, help="By this state.jsonl of a replay.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs: one JSON object.")
@click.pass_obj
def explain(  # noqa: PLR0913  options
    context: Context,
    name: str,
    trigger: str,
    *,
    at: datetime | None,
    dumps: Sequence[Path],
    state: Path | None,
    as_json: bool,
) -> None:
    """Say step by step why a trigger goes out to a customer, or does not.

    Asked are the rule's occasion, each of its conditions, and the rules of the policy in their order, of the customer's
    running state (as of the last checkpoint). What was sent, what waits and what was refused stands at the end.
    """
    plan = context.configuration.plan
    rule = plan.trigger_by_name.get(trigger)
    if rule is None:
        raise CommandFailedError(
            f"no trigger {trigger!r} in triggers.toml; {suggest(trigger, sorted(plan.trigger_by_name))}"
        )
    if dumps or state:
        known, bank = known_offline(context, name, dumps, state), NO_MODELS
    else:
        known, bank = known_with_models(context, name)
    now_ms = int((time.time() if at is None else at.replace(tzinfo=UTC).timestamp()) * SECOND_MS)
    show(known, rule, plan, now_ms, bank, as_json=as_json)


def show(  # noqa: PLR0913  what is shown, and how
    known: Customer, rule: TriggerRule, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS, *, as_json: bool
) -> None:
    """Print the findings."""
    findings = explained(known, rule, plan, now_ms, bank)
    if as_json:
        say(json.dumps(as_data(known, rule, findings, now_ms), ensure_ascii=False))
        return
    console = Terminal()
    console.rule(f"{rule.name} for {known.key} at {rfc3339(now_ms)}", align="left")
    table = Table("", "asked", "answer", "goes on?", box=None)
    last = ""
    for each in findings:
        mark, style = _MARKS[each.holds]
        table.add_row(each.about if each.about != last else "", each.what, each.answer, Text(mark, style))
        last = each.about
    console.print(table)
    console.print(verdict(findings))


def verdict(findings: tuple[Finding, ...]) -> str:
    """The answer in a sentence."""
    if would_be_sent(findings):
        return "Nothing holds it back: if its occasion comes now, it is sent."
    first = next(each for each in findings if each.holds is False)
    return f"It would not be sent: {first.about}, {first.what}: {first.answer}."


def as_data(known: Customer, rule: TriggerRule, findings: tuple[Finding, ...], now_ms: int) -> dict[str, object]:
    """The same for programs."""
    return {
        "key": known.key,
        "trigger": rule.name,
        "at": rfc3339(now_ms),
        "would_be_sent": would_be_sent(findings),
        "findings": [each._asdict() for each in findings],
    }
