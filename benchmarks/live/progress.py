"""How far a living system has come, and what CPU its processes have taken until then."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streamproc.events.topics import LOG_TOPIC
from streamproc.runtime.client.topic_ids import describe
from tests.system.living_system import LivingSystem

PATIENCE_SECONDS = 300.0
MARKERS = 16
"""At most so many stand at the end of a partition."""

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Moment:
    """The clock, and the CPU seconds of each process."""

    at: float
    cpu: Mapping[str, float]

    def shares_since(self, earlier: "Moment") -> dict[str, float]:
        """How many cores each process took meanwhile."""
        return {name: (seconds - earlier.cpu[name]) / (self.at - earlier.at) for name, seconds in self.cpu.items()}


def moment(pids: Mapping[str, int]) -> Moment:
    """Now."""
    return Moment(time.monotonic(), {name: _cpu_seconds(pid) for name, pid in pids.items()})


async def until_collected(system: LivingSystem, events: int) -> None:
    """Wait until so many raw events are in the log."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sum((await _committed(system, "collect")).values()) < events:  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.1)


async def until_decided(system: LivingSystem) -> None:
    """Wait until decide has done all that is in the log."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await _is_decided(system):  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.1)


async def _is_decided(system: LivingSystem) -> bool:
    decided = await _committed(system, "decide")
    return all(decided.get(place, 0) >= end for place, end in (await _ends(system, system.prefix + LOG_TOPIC)).items())


async def _committed(system: LivingSystem, stage: str) -> dict[TopicPartition, int]:
    admin = AIOKafkaAdminClient(**system.client)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{system.prefix}streamproc-{stage}")
    except GroupCoordinatorNotAvailableError:  # the first group of a new broker
        return {}
    finally:
        await admin.close()
    return {TopicPartition(*place): max(0, held.offset) for place, held in offsets.items()}


async def _ends(system: LivingSystem, topic: str) -> dict[TopicPartition, int]:
    """How far decide must come: behind the last record of a partition there are markers of transactions."""
    identity = (await describe(system.client, [topic]))[topic]
    async with AIOKafkaConsumer(**system.client, isolation_level="read_committed", enable_auto_commit=False) as reader:
        places = [TopicPartition(topic, number) for number in range(identity.partitions)]
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
    return {place: max(0, end - MARKERS) for place, end in ends.items()}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
