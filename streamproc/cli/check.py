"""`streamproc check`: is the configuration right, and what does it come to?"""

import click
import orjson
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.terminal import Terminal, say, styled
from streamproc.customer.declared.in_words import in_words
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.declared.vocabulary import EVENTS
from streamproc.customer.features import FEATURES
from streamproc.decide.journeys.came import MESSAGE_FEATURES
from streamproc.decide.journeys.steps import KINDS as STEP_KINDS
from streamproc.decide.offer_policies import KINDS as OFFER_POLICIES
from streamproc.decide.triggers import KINDS as TRIGGER_KINDS
from streamproc.events.adapters import ADAPTERS
from streamproc.events.raw import FAMILIES
from streamproc.measure.kinds import KINDS as KPI_KINDS
from streamproc.models.kinds import KINDS as PREDICTION_KINDS
from streamproc.settings.configuration import Configuration


@click.command()
@click.option("--plan", "whole", is_flag=True, help="Show the whole plan too, with what nobody wrote down.")
@click.option("--features", is_flag=True, help="List what conditions and models can use: features, events, kinds.")
@click.pass_obj
def check(context: Context, *, whole: bool, features: bool) -> None:
    """Validate all configuration files (exit 2: something is wrong).

    Every mistake is told at once, with file, table and key; certificates and keys are read. Secrets are masked.
    """
    console = Terminal()
    configuration = context.configuration
    if features:
        _show_vocabulary(console, configuration.plan.features)
        return
    _ = configuration.client  # reads certificates and keys, as a worker does
    if whole:
        _show_plan(console, configuration)
    plan = configuration.plan
    counts = ", ".join(
        f"{len(blocks)} {what}{'' if len(blocks) == 1 else 's'}"
        for what, blocks in (
            ("trigger", plan.triggers.trigger),
            ("offer", plan.offers.offer),
            ("tag", plan.tags.tag),
            ("segment", plan.segments.segment),
            ("journey", plan.journeys.journey),
            ("KPI", configuration.kpis.kpi),
        )
        if blocks
    )
    shop = plan.shop
    money = f"money in {shop.currency} (rates: {', '.join(shop.rates) or 'none'}), days of {shop.zone}"
    console.print(styled(("right", "green"), f": plan {plan.version}, {counts}; {money}"))
    for block in plan.features.feature:
        say(f"{block.name}: {in_words(block)}")


def _show_plan(console: Terminal, configuration: Configuration) -> None:
    plan = configuration.plan
    for title, settings in (
        ("app", configuration.app),
        ("triggers", plan.triggers),
        ("offers", plan.offers),
        ("tags", plan.tags),
        ("segments", plan.segments),
        ("journeys", plan.journeys),
        ("policy", plan.policy),
        ("models", plan.models),
        ("features", plan.features),
    ):
        console.rule(title, align="left")
        values = settings.model_dump(mode="json", by_alias=True, exclude_none=True)  # defaults too: they count
        click.echo(orjson.dumps(values, option=orjson.OPT_INDENT_2).decode())
    console.rule("KPIs", align="left")
    console.print(", ".join(kpi.name for kpi in configuration.kpis.kpi))


def _show_vocabulary(console: Terminal, declared: FeatureSettings) -> None:
    meanings = {name: (function.__doc__ or "").splitlines()[0] for name, function in FEATURES.items()}
    meanings |= {block.name: f"{block.description} ({in_words(block)})" for block in declared.feature}
    table = Table("feature", "meaning", box=None)
    for name, meaning in sorted(meanings.items()):
        table.add_row(name, meaning)
    console.print(table)
    of_journeys = Table("in journeys", "", box=None)
    for name, meaning in MESSAGE_FEATURES.items():
        of_journeys.add_row(name, meaning)
    console.print(of_journeys)
    events = Table("events of", "", box=None)
    for family, classes in FAMILIES.items():
        events.add_row(family, ", ".join(cls.model_fields["type"].default for cls in classes))
    console.print(events)
    says = Table("event", "what config/features.toml can ask of it", box=None)
    for event, fields in EVENTS.items():
        says.add_row(event, ", ".join(fields))
    console.print(says)
    for kinds in (ADAPTERS, TRIGGER_KINDS, STEP_KINDS, OFFER_POLICIES, PREDICTION_KINDS, KPI_KINDS):
        console.print(f"{kinds.what}:", ", ".join(sorted(kinds)))
