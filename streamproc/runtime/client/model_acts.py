"""Deciding about model versions: the record that decide obeys and the one that says who and why are one transaction.

Whoever begins ends an older run first (one transactional id), and only then reads what was released and decided: so
of two at once, one knows of the other, or does nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from pydantic import TypeAdapter

from streamproc.events.log import CONTROL_KEY, ModelGoverned, encode_record
from streamproc.events.model_audit import ModelAct
from streamproc.events.topics import LOG_TOPIC, MODEL_AUDIT_TOPIC, MODELS_TOPIC
from streamproc.events.training import ModelCard
from streamproc.runtime.client.producing import make_producer
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation, Resource, Right, topic_rights

MAX_REQUEST_BYTES = 4 << 20
_CARD, _ACT = TypeAdapter(ModelCard), TypeAdapter(ModelAct)


async def read_cards(client: Mapping[str, Any], prefix: str) -> list[ModelCard]:
    """The released versions in the order of their release; of one that was released again, the newest.

    Raises:
        LookupError: the topic does not exist.
    """
    found: dict[str, ModelCard] = {}
    async for record in read_to_end(client, prefix + MODELS_TOPIC):
        if record.value:
            card = _CARD.validate_python(orjson.loads(record.value))
            found.pop(card.version, None)
            found[card.version] = card
    return list(found.values())


async def read_acts(client: Mapping[str, Any], prefix: str) -> list[ModelAct]:
    """What was decided about the versions of models, in order.

    Raises:
        LookupError: the topic does not exist.
    """
    records = read_to_end(client, prefix + MODEL_AUDIT_TOPIC)
    return [_ACT.validate_python(orjson.loads(record.value)) async for record in records if record.value]


class Governor:
    """Has decide do something about a model, in every partition of the log at once; only one at a time can."""

    def __init__(self, producer: Any, client: Mapping[str, Any], prefix: str) -> None:
        self._producer = producer
        self._client = client
        self._prefix = prefix

    async def known(self) -> tuple[list[ModelCard], list[ModelAct]]:
        """What was released and decided until now."""
        return await read_cards(self._client, self._prefix), await read_acts(self._client, self._prefix)

    async def act(self, governed: ModelGoverned, act: ModelAct) -> None:
        """Write the one into every partition of the log, and the other into the audit topic."""
        log, audit = self._prefix + LOG_TOPIC, self._prefix + MODEL_AUDIT_TOPIC
        value = encode_record(governed, governed.at_ms, governed.at_ms)
        partitions = sorted(await self._producer.partitions_for(log))
        async with self._producer.transaction():
            acknowledged = [
                await self._producer.send(log, value, CONTROL_KEY, partition=number) for number in partitions
            ]
            acknowledged.append(await self._producer.send(audit, orjson.dumps(act), act.model.encode(), partition=0))
            await asyncio.gather(*acknowledged)


def transactional_id(prefix: str) -> str:
    """Whose right to write it takes."""
    return f"{prefix}streamproc-models"


def looking_rights(prefix: str) -> tuple[Right, ...]:
    """What it takes to see which versions there are, and what was decided about them."""
    return tuple(topic_rights(Operation.READ, [prefix + MODELS_TOPIC, prefix + MODEL_AUDIT_TOPIC]))


def governing_rights(prefix: str) -> tuple[Right, ...]:
    """What it takes to decide about versions."""
    return (
        *looking_rights(prefix),
        *topic_rights(Operation.WRITE, [prefix + LOG_TOPIC, prefix + MODEL_AUDIT_TOPIC]),
        Right(Operation.WRITE, Resource.TRANSACTIONAL_ID, transactional_id(prefix)),
    )


@asynccontextmanager
async def governor(client: Mapping[str, Any], prefix: str) -> AsyncIterator[Governor]:
    """The one who decides; an older one is ended, and what it left open is undone."""
    producer = make_producer(client, transactional_id=transactional_id(prefix), max_request_size=MAX_REQUEST_BYTES)
    try:
        await producer.start()
        yield Governor(producer, client, prefix)
    finally:
        await producer.stop()
