"""`streamproc dlq fields`: which producer should mend which field, by how often it cost an event or was mended."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import click
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.dlq import known_topic, read_topic
from streamproc.cli.terminal import Terminal, say, whole
from streamproc.or_unknown import UNKNOWN
from streamproc.processor.letters import Letter
from streamproc.runtime.telemetry.asking import Fields, mended_fields
from streamproc.settings.app import MetricsSettings
from streamproc.settings.stages import port_of

Row = tuple[str, str, str, str, int]
"""Topic, type of event, field, what became of it, how often."""


class HostAndPort(click.ParamType):
    """`HOST:PORT`."""

    name = "host:port"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Both parts."""
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal():
            self.fail(f"{value!r} is no HOST:PORT", param, ctx)
        return host.strip("[]"), int(port)


@click.command("fields")
@click.argument("topics", nargs=-1, metavar="[TOPIC...]")
@click.option("--worker", "workers", multiple=True, type=HostAndPort(),
              help="Ask this collect worker what it has mended; repeatable; default: that of [metrics].")  # fmt: skip
@click.pass_obj
def list_fields(context: Context, topics: Sequence[str], workers: Sequence[tuple[str, int]]) -> None:
    """List the fields that cost events, and those that were set right or left out, and cost none.

    The first are those of the dead letters, whether sent again or not. The second count from the start of each collect
    worker on: only running workers know them (Prometheus keeps them for longer).
    """
    wanted = [known_topic(context, topic) for topic in topics or context.configuration.app.collect.topics]
    rows = [row for topic in wanted for row in _rejected(topic, read_topic(context, topic)[0])]
    mended, unanswered = _mended(workers or _configured(context.configuration.app.metrics))
    rows += [(*place, "mended", often) for place, often in mended.items() if place[0] in wanted]
    if rows:
        Terminal().print(_table(rows))
    else:
        say("no field has cost an event or was mended, as far as that is known")
    for line in unanswered:
        say(line)


def _rejected(topic: str, letters: Iterable[Letter]) -> Iterator[Row]:
    counted = Counter((letter.field, letter.reason) for letter in letters)
    for (field, reason), often in counted.items():
        if field is not None:
            kind, name = field
            yield topic, kind or UNKNOWN, name, f"rejected: {reason}", often


def _configured(settings: MetricsSettings) -> list[tuple[str, int]]:
    port = port_of("collect", settings)
    return [(settings.host, port)] if port else []


def _mended(workers: Sequence[tuple[str, int]]) -> tuple[Fields, list[str]]:
    """What they have mended, added up, and a line for each whose answer is missing."""
    found: Fields = Counter()
    unanswered = []
    for host, port in workers:
        try:
            found += mended_fields(host, port)
        except OSError as error:
            unanswered.append(
                f"what was mended is {UNKNOWN}: no collect worker answers at {host}:{port} ({error}); "
                "--worker HOST:PORT says where one does"
            )
    if not workers:
        unanswered.append(
            f"what was mended is {UNKNOWN}: collect serves its metrics on any free port (metrics.first_port = 0); "
            "--worker HOST:PORT says on which"
        )
    return found, unanswered


def _table(rows: Iterable[Row]) -> Table:
    table = Table("topic", "type", "field", "what became of it", "events", box=None)
    table.columns[-1].justify = "right"
    for *cells, often in sorted(rows, key=lambda row: (row[0], -row[-1], row)):
        table.add_row(*map(whole, map(str, cells)), f"{often:,}")
    return table
