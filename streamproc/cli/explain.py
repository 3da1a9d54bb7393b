"""`streamproc explain CUSTOMER TRIGGER`: why a message goes out, or does not; and where somebody is on a journey."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
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
from streamproc.decide.finding import Finding
from streamproc.decide.journeys.explaining import journey_explained, next_in_words
from streamproc.decide.journeys.journey import Journey
from streamproc.decide.messages.explaining import explained, would_be_sent
from streamproc.decide.messages.standing import NO_MODELS
from streamproc.decide.plan import Plan
from streamproc.decide.triggers import TriggerRule
from streamproc.did_you_mean import suggest
from streamproc.events.times import SECOND_MS, rfc3339
from streamproc.models.releases.bank import ModelBank

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_MARKS = {True: ("yes", "green"), False: ("no", "bold red"), None: ("", "dim")}


@dataclass(frozen=True)
class Asked:
    """What is to be explained: a trigger, or a journey, or the message of one of its steps."""

    about: TriggerRule | Journey
    step: str | None = None

    @classmethod
    def of(cls, name: str, plan: Plan) -> "Asked":
        """What a name means.

        Raises:
            CommandFailedError: nothing; the message has what there is.
        """
        if (rule := plan.trigger_by_name.get(name)) is not None:
            return cls(rule)
        first, _, step = name.partition("/")
        journey = plan.journeys.by_name.get(first)
        if journey is None:
            raise CommandFailedError(f"no trigger or journey {name!r}; {suggest(first, sorted(plan.senders))}")
        steps = [message.step for message in journey.messages.values()]
        if step and step not in steps:
            raise CommandFailedError(f"the journey {first} has no message {step!r}; {suggest(step, steps)}")
        return cls(journey, step or None)

    @property
    def name(self) -> str:
        """As the command line has it."""
        return self.about.name if self.step is None else f"{self.about.name}/{self.step}"

    def findings(self, known: Customer, plan: Plan, now_ms: int, bank: ModelBank) -> tuple[Finding, ...]:
        """What has a say, and which models were asked."""
        if isinstance(self.about, Journey):
            found = journey_explained(known, self.about, plan, now_ms, bank, self.step)
        else:
            found = explained(known, self.about, plan, now_ms, bank)
        return (*found, *_models(plan, bank))

    def verdict(self, findings: Sequence[Finding]) -> str:
        """The answer in a sentence."""
        return next_in_words(findings) if isinstance(self.about, Journey) else verdict(findings)

    def as_data(self, known: Customer, findings: Sequence[Finding], now_ms: int) -> dict[str, object]:
        """The same for programs."""
        kind = "journey" if isinstance(self.about, Journey) else "trigger"
        return {
            "key": known.key,
            kind: self.about.name,
            **({"step": self.step} if kind == "journey" else {}),
            "at": rfc3339(now_ms),
            "would_be_sent": would_be_sent(findings),
            "findings": [each._asdict() for each in findings],
        }


@click.command()
@click.argument("name", metavar="CUSTOMER")
@click.argument("about", metavar="TRIGGER|JOURNEY[/MESSAGE]")
@click.option("--at", type=click.DateTime(), help="As of this moment (UTC); default: now.")
@click.option("--log", "dumps", type=_FILE, multiple=True, metavar="DUMP",
              help="By a replay of this dump, with the models released in it; default: the running state.")  # fmt: skip
@click.option("--state", type=_FILE, help="By this state.jsonl of a replay, with the models that count in it.")
@click.option("--json", "as_json", is_flag=True, help="The same for programs: one JSON object.")
@click.pass_obj
def explain(  # noqa: PLR0913  options
    context: Context,
    name: str,
    about: str,
    *,
    at: datetime | None,
    dumps: Sequence[Path],
    state: Path | None,
    as_json: bool,
) -> None:
    """Say step by step why a message goes out to a customer, or does not.

    Of a trigger are asked its occasion, each of its conditions, and the rules of the policy in their order, of the
    customer's running state (as of the last checkpoint). What was sent, waits and was refused stands at the end.

    Of a journey it is told at which step the customer is and until when, which step follows then as everything is now,
    what would end it, what became of the last message, and what the policy says of the next one, or of MESSAGE, the
    step's name.
    """
    plan = context.configuration.plan
    asked = Asked.of(about, plan)
    known, bank = known_offline(context, name, dumps, state) if dumps or state else known_with_models(context, name)
    now_ms = int((time.time() if at is None else at.replace(tzinfo=UTC).timestamp()) * SECOND_MS)
    show(known, asked, plan, now_ms, bank, as_json=as_json)


def show(  # noqa: PLR0913  what is shown, and how
    known: Customer, asked: Asked, plan: Plan, now_ms: int, bank: ModelBank = NO_MODELS, *, as_json: bool
) -> None:
    """Print the findings."""
    findings = asked.findings(known, plan, now_ms, bank)
    if as_json:
        say(json.dumps(asked.as_data(known, findings, now_ms), ensure_ascii=False))
        return
    console = Terminal()
    console.rule(f"{asked.name} for {known.key} at {rfc3339(now_ms)}", align="left")
    table = Table("", "asked", "answer", "goes on?", box=None)
    last = ""
    for each in findings:
        mark, style = _MARKS[each.holds]
        table.add_row(each.about if each.about != last else "", each.what, each.answer, Text(mark, style))
        last = each.about
    console.print(table)
    console.print(asked.verdict(findings))


def verdict(findings: Sequence[Finding]) -> str:
    """Of a trigger, the answer in a sentence."""
    if would_be_sent(findings):
        return "Nothing holds it back: if its occasion comes now, it is sent."
    first = next(each for each in findings if each.holds is False)
    return f"It would not be sent: {first.about}, {first.what}: {first.answer}."


def _models(plan: Plan, bank: ModelBank) -> Sequence[Finding]:
    """Which versions were asked; what models say is unknown where none is."""
    unknown = "no version of it is released, so what it says is unknown"
    return [Finding("models", name, bank.version(name) or unknown) for name in (*plan.asked, *plan.sampled)]
