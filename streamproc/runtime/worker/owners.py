"""Which source partitions of a stage nobody has, as its group says.

Against partitions that wait for nobody while each worker is content with what it was given: a group can be stable and
leave some out, if one that is no worker of ours deals.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.errors import KafkaError

from streamproc.runtime.client.group import describe_group
from streamproc.runtime.worker.layout import Layout
from streamproc.runtime.worker_settings import WorkerSettings

log = logging.getLogger(__name__)


class Owners:
    """Asks for the owners of what is not this worker's: after each assignment, and every few seconds."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._own: frozenset[TopicPartition] | None = None
        self._changed = asyncio.Event()

    def given(self, own: Collection[TopicPartition]) -> None:
        """The group has given these to this worker."""
        self._own = frozenset(own)
        self._changed.set()

    def taken(self) -> None:
        """The group gives everything out anew: until it has, nothing is known."""
        self._own = None
        self._changed.set()
        self._settings.observer.unowned(None)

    async def watch(self, layout: Layout) -> None:
        """Tell what nobody has, as long as the worker lives; the last answer stands while Kafka gives none."""
        sources = {
            TopicPartition(at, n) for at, each in layout.sources.items() for n in range(layout.partitions[each.name])
        }
        while True:
            self._changed.clear()
            if self._own is not None:
                await self._look(layout.group, sources - self._own)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.timeouts.watch_seconds):
                    await self._changed.wait()

    async def _look(self, group: str, others: Collection[TopicPartition]) -> None:
        """An answer about the time before a rebalance says nothing of the time after it."""
        try:
            owned = await read_owned(self._settings.client, group) if others else frozenset()
        except (KafkaError, OSError) as error:
            log.debug("cannot ask for the owners of partitions: %s", error)
            return
        if owned is None or self._changed.is_set():
            return
        unowned = [f"{place.topic}-{place.partition}" for place in sorted(set(others) - owned)]
        if unowned:
            log.warning("nobody has %s, and the group is content", ", ".join(unowned))
        self._settings.observer.unowned(unowned)


async def read_owned(client: Mapping[str, Any], group: str) -> frozenset[TopicPartition] | None:
    """What the members of a group have, all together; None while it is not stable, but gives its partitions out.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not say.
    """
    described = await describe_group(client, group)
    if not described.is_stable:
        return None
    return frozenset(place for member in described.members for place in decode_given(member.given))


def decode_given(assignment: bytes) -> Sequence[TopicPartition]:
    """What a member was given; nothing if it cannot be read, for then the member cannot read it either.

    A dealer may leave a member out altogether, which leaves it without a byte.

    >>> decode_given(b"")
    []
    """
    try:
        given: list[TopicPartition] = ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions()
    except (TypeError, ValueError):
        return []
    return given
