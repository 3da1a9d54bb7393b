"""Sending dead letters to their topic again, each once: the message and the mark that it was sent are one transaction.

Whoever begins ends an older run of the same topic first (one transactional id), and only then reads what was sent: so
a run that was killed, or that runs beside this one, cannot have sent what this one does not know of.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from streamproc.events.topics import dead_letter_topic
from streamproc.processor.letters import Letter, letters_of, replayed_mark
from streamproc.runtime.client.producing import make_producer
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation, Resource, Right, topic_rights

LETTERS_AT_ONCE = 200
MAX_REQUEST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Again:
    """A letter to be sent again, with the content that it is to have."""

    letter: Letter
    key: bytes | None
    value: bytes | None


async def read_letters(client: Mapping[str, Any], prefix: str, topic: str) -> tuple[list[Letter], set[str]]:
    """The dead letters of a raw topic (without prefix), and the places of those that were sent again."""
    return letters_of([record async for record in read_to_end(client, prefix + dead_letter_topic(topic))])


class Sender:
    """Sends letters of one raw topic again; only one at a time can."""

    def __init__(self, producer: Any, prefix: str, topic: str) -> None:
        self._producer = producer
        self._topic = prefix + topic
        self._letters = prefix + dead_letter_topic(topic)

    async def send(self, letters: Sequence[Again]) -> None:
        """Send them in their order, in transactions of some hundred."""
        for first in range(0, len(letters), LETTERS_AT_ONCE):
            async with self._producer.transaction():
                these = letters[first : first + LETTERS_AT_ONCE]
                acknowledged = [sending for again in these for sending in await self._send(again)]
                await asyncio.gather(*acknowledged)

    async def _send(self, again: Again) -> list[asyncio.Future[Any]]:
        """The message, and beside its letter the mark that it was sent."""
        letter, producer = again.letter, self._producer
        headers, mark = list(letter.sent_again_headers()), list(replayed_mark(letter.offset))
        return [
            await producer.send(self._topic, again.value, again.key, headers=headers),
            await producer.send(self._letters, None, letter.key or b"", partition=letter.partition, headers=mark),
        ]


def transactional_id(prefix: str, topic: str) -> str:
    """Whose right to write it takes."""
    return f"{prefix}streamproc-dlq-{topic}"


def replay_rights(prefix: str, topics: Iterable[str]) -> tuple[Right, ...]:
    """What it takes to look at the dead letters of raw topics (without prefix), and to send them again."""
    raw = list(topics)
    letters = [prefix + dead_letter_topic(topic) for topic in raw]
    return (
        *topic_rights(Operation.READ, letters),
        *topic_rights(Operation.WRITE, [*letters, *(prefix + topic for topic in raw)]),
        *(Right(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id(prefix, topic)) for topic in raw),
    )


@asynccontextmanager
async def sender(client: Mapping[str, Any], prefix: str, topic: str) -> AsyncIterator[Sender]:
    """The one sender of this topic; an older one is ended, and what it left open is undone."""
    producer = make_producer(
        client, transactional_id=transactional_id(prefix, topic), max_request_size=MAX_REQUEST_BYTES
    )
    try:
        await producer.start()
        yield Sender(producer, prefix, topic)
    finally:
        await producer.stop()
