"""`streamproc dump TOPIC…`: a stretch of topics as a file, from which everything can be had again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.output import OutputFile, why_not_written
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say
from streamproc.events.received import RECEIVED_AT, received_ms
from streamproc.events.times import epoch_ms
from streamproc.offline.dumps.files import PROGRESS_EVERY
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.offline.dumps.resumable import ResumableDump, begun_dump
from streamproc.runtime.client.ranges import Stretch, find_stretches, read_stretches
from streamproc.runtime.client.rights import Operation

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@click.command()
@click.argument("topics", nargs=-1, required=True, metavar="TOPIC...")
@click.option("--from", "first", type=_MOMENT, help="Kafka timestamp (UTC) of the first record; default: the oldest.")
@click.option("--to", "last", type=_MOMENT, help="Only records before this timestamp; default: all there are now.")
@click.option("--out", type=OutputFile(), required=True,
              help="A file ending in .jsonl, .jsonl.gz or .parquet.")  # fmt: skip
@click.pass_obj
def dump(context: Context, topics: Sequence[str], first: datetime | None, last: datetime | None, out: Path) -> None:
    """Write the committed records of topics into a file, with everything that a replay needs to be exact.

    If it is broken off, the same command goes on where it stopped.
    """
    if not out.name.endswith((".jsonl", ".jsonl.gz", ".parquet")):
        raise CommandFailedError(f"{out}: the name must end in .jsonl, .jsonl.gz or .parquet")
    context.admit(Operation.READ, topics)
    try:
        written = run(_dump(context, topics, (_ms(first), _ms(last)), out))
    except (DumpError, LookupError, OSError) as error:
        raise CommandFailedError(why_not_written(error, out)) from error
    say(f"{written:,} records in {out}")


async def _dump(context: Context, topics: Sequence[str], span: tuple[int | None, int | None], out: Path) -> int:
    prefix = context.configuration.app.kafka.prefix
    task: dict[str, Any] = {"topics": list(topics), "from_ms": span[0], "to_ms": span[1]}
    stretches = await find_stretches(context.client, [prefix + topic for topic in topics], *span)
    begun = begun_dump(out, task)
    if begun is not None:
        say(f"going on behind the {begun.records:,} records that are there")
        stretches = _rest(begun.places, stretches, out)
    console = Terminal(stderr=True)
    left = {(each.topic, each.partition): each for each in stretches}
    total = sum(each.end - each.begin for each in stretches)
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ResumableDump(out, task, lambda: [asdict(each) for each in left.values()]) as file,
    ):
        bar = progress.add_task("reading", total=total)
        async for record in read_stretches(context.client, stretches):
            stretch = left[record.topic, record.partition]
            file.write(_dumped(record, prefix, stretch.topic_id))
            left[record.topic, record.partition] = stretch.after(record.offset)
            if file.records % PROGRESS_EVERY == 0:
                progress.update(bar, completed=total - sum(each.end - each.begin for each in left.values()))
        file.complete()
    return file.records


def _rest(places: list[dict[str, Any]], now: Sequence[Stretch], out: Path) -> list[Stretch]:
    """What was left when the dump was broken off; its topics must still be the same ones."""
    rest, known = [Stretch(**place) for place in places], {each.topic: each.topic_id for each in now}
    for stretch in rest:
        if known[stretch.topic] != stretch.topic_id:
            raise DumpError(f"{stretch.topic} was made anew since the dump was begun; remove .{out.name}.note.json")
    return rest


def _dumped(record: Any, prefix: str, topic_id: str) -> DumpedRecord:
    topic = record.topic.removeprefix(prefix)
    headers = tuple((name, value) for name, value in record.headers if name != RECEIVED_AT)
    return DumpedRecord(
        topic, record.key, received_ms(record.timestamp, record.headers), record.value,
        record.partition, record.offset, headers, topic_id,
    )  # fmt: skip


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else epoch_ms(moment.replace(tzinfo=UTC))
