"""`streamproc dlq`: dead letters by reason, one with its place, and sending them again after mending."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from streamproc.cli.commands import Commands
from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.output import OutputFile, why_not_written
from streamproc.cli.running import run
from streamproc.cli.terminal import Terminal, say
from streamproc.collect.clean import clean, rejection_of
from streamproc.events.rejected import MEANINGS
from streamproc.events.times import rfc3339
from streamproc.events.topics import dead_letter_topic
from streamproc.offline.dumps.files import read_dump, write_dump
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.processor.headers import DETAIL
from streamproc.processor.letters import Letter
from streamproc.runtime.client.authorisation import admit
from streamproc.runtime.client.dead_letters import Again, read_letters, replay_rights, sender
from streamproc.runtime.client.rights import Operation
from streamproc.stop_signals import interrupt, told_to_stop

reason_option = click.option("--reason", help="Only those of this reason; `dlq list` shows them.")
at_option = click.option("--at", "places", multiple=True, metavar="PARTITION:OFFSET", help="Only this one; repeatable.")


@click.group("dlq", commands=Commands({"fields": "dlq_fields:list_fields"}))
def dlq_group() -> None:
    """Messages that could not be processed: list them, show them, send them again after mending.

    TOPIC is the raw topic that they came from, without the cluster's prefix.
    """


@dlq_group.command("list")
@click.argument("topics", nargs=-1, metavar="[TOPIC...]")
@click.pass_obj
def list_letters(context: Context, topics: Sequence[str]) -> None:
    """List the dead letters by topic and reason. Reads the topics whole."""
    found = False
    for topic in topics or context.configuration.app.collect.topics:
        with Terminal(stderr=True).status(f"reading {dead_letter_topic(known_topic(context, topic))}"):
            letters, replayed = read_topic(context, topic)
        for reason in sorted({letter.reason for letter in letters}):
            these = [letter for letter in letters if letter.reason == reason]
            again = sum(letter.place in replayed for letter in these)
            span = f"{rfc3339(these[0].at_ms)} to {rfc3339(these[-1].at_ms)}"
            say(f"{topic} {reason}: {len(these):,}, {again:,} sent again, {span}, the last at {these[-1].place}")
            found = True
    if not found:
        say("no dead letters")


@dlq_group.command("show")
@click.argument("topic")
@reason_option
@at_option
@click.option("--out", type=OutputFile(),
              help="Write them into this file, to be mended and given to `dlq replay --file`.")  # fmt: skip
@click.pass_obj
def show_letters(context: Context, topic: str, reason: str | None, places: Sequence[str], out: Path | None) -> None:
    """Show dead letters that were not sent again: the newest, or all into a file."""
    letters = _chosen(context, topic, reason, places)
    if out is not None:
        try:
            written = write_dump(out, (_dumped(letter, topic) for letter in letters))
        except OSError as error:
            raise CommandFailedError(why_not_written(error, out)) from error
        say(f"{written:,} in {out}: mend `value`, then: streamproc dlq replay {topic} --file {out}")
        return
    letter = letters[-1]
    for name, value in _told(letter):
        say(f"{name:<9} {value}")


@dlq_group.command("replay")
@click.argument("topic")
@reason_option
@at_option
@click.option("--file", "mended", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="As they stand in this file, which `dlq show --out` wrote and somebody mended.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def replay_letters(context: Context, /, topic: str, **how: Any) -> None:
    """Send dead letters to their topic again, each once, however often this is done or broken off.

    What would be rejected again is left out. They are as received as at first, and what was mended keeps its place.
    """
    prefix = context.configuration.app.kafka.prefix
    run(admit(context.client, replay_rights(prefix, [known_topic(context, topic)])))

    async def send_again() -> None:
        async with sender(context.client, prefix, topic) as sending:
            letters = _only(*await read_letters(context.client, prefix, topic), how["reason"], how["places"])
            ready = _plan(context, topic, _mended(letters, how["mended"], topic))
            if not how["yes"]:
                with told_to_stop(interrupt):
                    click.confirm("Do this?", abort=True)
            await sending.send(ready)
            say(f"Done: {len(ready):,} sent to {topic}.")

    run(send_again())


def known_topic(context: Context, topic: str) -> str:
    """The topic, if it is a raw one.

    Raises:
        CommandFailedError: it is none.
    """
    topics = context.configuration.app.collect.topics
    if topic not in topics:
        raise CommandFailedError(f"{topic} is no raw topic; raw topics are: {', '.join(topics)}")
    return topic


def read_topic(context: Context, topic: str) -> tuple[list[Letter], set[str]]:
    """The dead letters of a raw topic, and the places of those that were sent again."""
    context.admit(Operation.READ, [dead_letter_topic(known_topic(context, topic))])
    try:
        return run(read_letters(context.client, context.configuration.app.kafka.prefix, topic))
    except LookupError as error:
        raise CommandFailedError(str(error)) from error


def _chosen(context: Context, topic: str, reason: str | None, places: Sequence[str]) -> list[Letter]:
    return _only(*read_topic(context, topic), reason, places)


def _only(letters: Iterable[Letter], replayed: set[str], reason: str | None, places: Sequence[str]) -> list[Letter]:
    """Those that were asked for and not sent again yet."""
    found = [
        letter
        for letter in letters
        if letter.place not in replayed and reason in (None, letter.reason) and (not places or letter.place in places)
    ]
    if not found:
        raise CommandFailedError("there is no such dead letter that has not been sent again")
    return found


def _mended(letters: Sequence[Letter], path: Path | None, topic: str) -> list[Again]:
    """The letters with the content that they are to have; of a file, those that it names."""
    if path is None:
        return [Again(letter, letter.key, letter.value) for letter in letters]
    by_place, found = {letter.place: letter for letter in letters}, {}
    try:
        for number, record in enumerate(read_dump(path), start=1):
            place = f"{record.partition}:{record.offset}"
            if record.topic != dead_letter_topic(topic) or place in found:
                raise CommandFailedError(f"{path}:{number}: no dead letter of {topic}, or one that is there twice")
            if place in by_place:
                found[place] = Again(by_place[place], record.key, record.value)
    except DumpError as error:
        raise CommandFailedError(str(error)) from error
    return list(found.values())


def _plan(context: Context, topic: str, letters: Sequence[Again]) -> list[Again]:
    """Show what would be done; gives what can be sent."""
    configuration = context.configuration
    settings, raw = configuration.app.collect, configuration.raw_topics[topic]
    ready: list[Again] = []
    for again in letters:
        events = raw.read(again.value, again.letter.sent_again_headers())
        rejected = rejection_of([clean(each, again.letter.received_ms, settings, raw) for each in events])
        if rejected is not None:
            say(f"{again.letter.place} {again.letter.reason}: left out: {rejected.reason} {rejected.detail}")
        elif again.letter.is_part and again.value == again.letter.value:
            say(f"{again.letter.place} {again.letter.reason}: left out: it holds only a part of the message")
        else:
            ready.append(again)
    say(f"{len(ready):,} to be sent to {topic}, {len(letters) - len(ready):,} left out")
    if not ready:
        raise CommandFailedError("there is nothing to do")
    return ready


def _dumped(letter: Letter, topic: str) -> DumpedRecord:
    headers = tuple((name, value.encode()) for name, value in letter.why.items())
    return DumpedRecord(
        dead_letter_topic(topic), letter.key, letter.received_ms, letter.value,
        letter.partition, letter.offset, headers, "",
    )  # fmt: skip


def _told(letter: Letter) -> list[tuple[str, str]]:
    return [
        ("letter", f"{letter.place}, written {rfc3339(letter.at_ms)}"),
        ("reason", f"{letter.reason} {letter.why.get(DETAIL, '')}".strip()),
        ("meaning", MEANINGS.get(letter.reason, "unknown to this release")),
        ("stood at", f"{letter.origin}, received {rfc3339(letter.received_ms)}"),
        *((f"header {name}", (value or b"").decode(errors="replace")) for name, value in letter.headers),
        ("key", (letter.key or b"").decode(errors="replace")),
        ("value", (letter.value or b"").decode(errors="replace")),
    ]
