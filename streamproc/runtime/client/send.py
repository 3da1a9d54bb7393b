"""Sends historical raw events to Kafka in time order, and says in the topics how far time has come.

With `watermark.idle = "hold"` only events and `source_progressed` records move time, also in partitions that no event
goes to. So every now and then, when everything sent so far is acknowledged, each partition of each raw topic is told
that it is complete up to just before the last event; at the end up to the last event, and further by `close_after`, so
that the timers and windows behind it end.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from streamproc.events.adapters import ADAPTER_HEADER, NATIVE, adapter_header
from streamproc.events.log import encode_event
from streamproc.events.source import SourceProgressed
from streamproc.events.times import LAST_MS, from_epoch_ms, rfc3339
from streamproc.processor.api import Headers
from streamproc.runtime.client.outbox import Outbox, Outgoing, SendError

OnProgress = Callable[[int, int], None]
"""Is told how many events were sent and the event time (epoch ms) that was reached."""

_MILLISECOND = timedelta(milliseconds=1)


class Sendable(Protocol):
    """A record to be sent (a `DumpedRecord` fits); `timestamp` in epoch ms, `topic` without prefix.

    Of its headers the one goes with it that says how it is to be read (`events/adapters/`).
    """

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Headers: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events go.

    Attributes:
        client: aiokafka's connection settings.
        topics: the active raw topics, without prefix; each gets the punctuation, also if no event goes there.
        prefix: what the cluster puts in front of topic names.
    """

    client: Mapping[str, Any]
    topics: Sequence[str]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast, and how often time is told.

    Attributes:
        speed: seconds of event time per second; None or 0: as fast as possible.
        punctuate_every_seconds: how often `source_progressed` is written.
        close_after: how much time passes after the last event in the closing `source_progressed`.
        give_up_seconds: how long the broker may be away.
    """

    speed: float | None = None
    punctuate_every_seconds: float = 0.5
    close_after: timedelta = timedelta(0)
    give_up_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: events, `source_progressed` rounds, and the event time in the last of these (epoch ms)."""

    events: int
    rounds: int
    through_ms: int | None


async def send(records: Iterable[Sendable], destination: Destination, tempo: Pacing, on_progress: OnProgress) -> Sent:
    """Send records, which are in time order; each says in a header when it was received (`events/received.py`).

    When it is cancelled, it still waits a few seconds for what is under way, and writes no closing punctuation.

    Raises:
        aiokafka.errors.KafkaError: Kafka is not there.
        SendError: it stayed away for too long or refused a record, a topic does not exist or is not among
            `destination.topics`, or the records are not in time order.
    """
    async with Outbox(destination.client, tempo.give_up_seconds) as outbox:
        journey = _Journey(outbox, destination, tempo, on_progress)
        await journey.find_partitions()
        for record in records:
            await journey.wait_for(record.timestamp)
            await journey.carry(record)
        return await journey.end()


class _Journey:
    """One run of `send`: how far it is."""

    def __init__(self, outbox: Outbox, destination: Destination, tempo: Pacing, on_progress: OnProgress) -> None:
        self._outbox = outbox
        self._destination = destination
        self._tempo = tempo
        self._on_progress = on_progress
        self._partitions: dict[str, list[int]] = {}
        self._pace: _Pace | None = None
        self._events = 0
        self._rounds = 0
        self._reached_ms: int | None = None
        self._through_ms: int | None = None
        self._punctuated_at = time.monotonic()

    async def find_partitions(self) -> None:
        for topic in self._destination.topics:
            name = self._destination.prefix + topic
            self._partitions[name] = await self._outbox.partitions_of(name)

    async def wait_for(self, timestamp: int) -> None:
        """Wait until it is the record's time; while waiting, the time that passes is told, too."""
        if timestamp > LAST_MS:
            raise SendError(f"event {self._events + 1} is of a time after the year 9000; take it out of the dump")
        if self._reached_ms is not None and timestamp < self._reached_ms:
            raise SendError(f"event {self._events + 1} goes back in time ({rfc3339(timestamp)}); sort the dump first")
        if not self._tempo.speed:
            return
        self._pace = self._pace or _Pace(self._tempo.speed, timestamp, time.monotonic())
        while (seconds := self._pace.seconds_until(timestamp, time.monotonic())) > 0:
            await asyncio.sleep(min(seconds, self._tempo.punctuate_every_seconds))
            self._reached_ms = min(timestamp, self._pace.event_ms(time.monotonic()))
            await self._punctuate_if_due()

    async def carry(self, record: Sendable) -> None:
        name = self._destination.prefix + record.topic
        if name not in self._partitions:
            topics = ", ".join(self._destination.topics)
            raise SendError(f"{record.topic} is no raw topic; raw topics are: {topics}; remove these lines")
        chosen = tuple((header, value) for header, value in record.headers if header == ADAPTER_HEADER)
        await self._outbox.put(name, Outgoing(record.key, record.value, record.timestamp, chosen))
        self._events += 1
        self._reached_ms = record.timestamp
        await self._punctuate_if_due()

    async def end(self) -> Sent:
        if self._reached_ms is not None:
            await self._punctuate(min(self._reached_ms + self._tempo.close_after // _MILLISECOND, LAST_MS))
        await self._outbox.all_acknowledged()
        return Sent(self._events, self._rounds, self._through_ms)

    async def _punctuate_if_due(self) -> None:
        now = time.monotonic()
        if self._reached_ms is None or now - self._punctuated_at < self._tempo.punctuate_every_seconds:
            return
        through_ms = self._reached_ms - 1
        if self._through_ms is None or through_ms > self._through_ms:
            await self._punctuate(through_ms)
        self._punctuated_at = time.monotonic()

    async def _punctuate(self, through_ms: int) -> None:
        """Tell every partition that it is complete up to `through_ms`, after everything until then is there."""
        await self._outbox.all_acknowledged()
        value = encode_event(SourceProgressed(through=from_epoch_ms(through_ms)))
        reached_ms = self._reached_ms or 0
        punctuation = Outgoing(None, value, reached_ms, (adapter_header(NATIVE),))
        for topic, partitions in self._partitions.items():
            for partition in partitions:
                await self._outbox.put(topic, punctuation, partition=partition)
        self._rounds += 1
        self._through_ms = through_ms
        self._on_progress(self._events, reached_ms)


class _Pace:
    """Event time that runs `speed` times as fast as the wall clock from the first event on."""

    def __init__(self, speed: float, first_ms: int, now: float) -> None:
        self._speed = speed
        self._first_ms = first_ms
        self._began = now

    def event_ms(self, now: float) -> int:
        return self._first_ms + int((now - self._began) * self._speed * 1000)

    def seconds_until(self, timestamp: int, now: float) -> float:
        return (timestamp - self._first_ms) / self._speed / 1000 - (now - self._began)
