"""`streamproc tail`: what comes out, as a person reads it."""

from contextlib import suppress

import click

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.telling import told
from streamproc.cli.terminal import Terminal
from streamproc.events.topics import (
    FORECASTS_TOPIC,
    JOURNEYS_TOPIC,
    KPIS_TOPIC,
    OFFERS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TAGS_TOPIC,
    trigger_topic,
)
from streamproc.runtime.client.reading import follow, read_to_end
from streamproc.runtime.client.rights import Operation

WHAT = {
    "offers": OFFERS_TOPIC,
    "scores": SCORES_TOPIC,
    "forecasts": FORECASTS_TOPIC,
    "segments": SEGMENTS_TOPIC,
    "tags": TAGS_TOPIC,
    "journeys": JOURNEYS_TOPIC,
    "suppressions": SUPPRESSIONS_TOPIC,
    "kpis": KPIS_TOPIC,
}


@click.command()
@click.argument("what", nargs=-1, type=click.Choice(["triggers", *WHAT]))
@click.option("--from-start", is_flag=True, help="Everything that is there, not only what comes now.")
@click.option("--no-follow", is_flag=True, help="Stop at the end (with --from-start).")
@click.pass_obj
def tail(context: Context, what: tuple[str, ...], *, from_start: bool, no_follow: bool) -> None:
    """Show triggers, offers, scores, forecasts, segments, tags, journeys, suppressions and KPIs as they come.

    Without a choice: triggers and offers.
    """
    configuration = context.configuration
    names = map(trigger_topic, configuration.plan.senders)
    topics = [name for name in names if not what or "triggers" in what]
    topics += [WHAT[name] for name in (what or ("offers",)) if name != "triggers"]
    context.admit(Operation.READ, topics)
    prefix = configuration.app.kafka.prefix
    console = Terminal(soft_wrap=True)

    async def show() -> None:
        if no_follow:
            for topic in topics:
                async for record in read_to_end(context.client, prefix + topic):
                    if record.value:
                        console.print(told(topic, record.value))
            return
        async for record in follow(context.client, [prefix + t for t in topics], from_start=from_start):
            if record.value:
                console.print(told(record.topic, record.value))

    try:
        with suppress(KeyboardInterrupt):
            run(show())
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error
