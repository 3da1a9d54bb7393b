"""The real decide stage on a customer log of a test's own, and a serial run of the same code to compare it with."""

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from streamproc.customer.state import Customer
from streamproc.decide.stage import Decider
from streamproc.decide.states import CODEC, decode_state, is_customer, is_own
from streamproc.decide.watch import SILENT
from streamproc.events.log import Origin, encode_record
from streamproc.events.raw import Event
from streamproc.events.subject import subject_of
from streamproc.events.times import epoch_ms
from streamproc.events.topics import DECIDE_STATE_TOPIC, FACTS_TOPIC, LOG_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.processor.api import PartitionContext, outputs_of
from streamproc.processor.partitioner import partition_of
from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.topics import admin as topics
from streamproc.settings.configuration import Configuration
from streamproc.settings.load import load
from streamproc.settings.topics import load_topics
from tests.memory_states import MemoryStates
from tests.runtime.log_reading import committed_offsets, read_topic
from tests.runtime.worker_process import ForkedProcess, PrintingProcess

ROOT = Path(__file__).parents[2]
SCRIPT = [sys.executable, "-m", "streamproc"]
SIGNING_KEY = "a signing key for these tests"


class Decided(NamedTuple):
    """The states of all customers, and the facts by partition, in their order."""

    states: dict[bytes, Customer]
    facts: list[tuple[int, bytes]]


class Deciding:
    """A prefix, its topics, and workers and commands that use them."""

    stage = "decide"

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.prefix = f"d{uuid4().hex[:8]}."
        self.bootstrap = bootstrap
        self.folder = folder
        self.environ = {
            "STREAMPROC_KAFKA__BOOTSTRAP": bootstrap,
            "STREAMPROC_KAFKA__PREFIX": self.prefix,
            "STREAMPROC_RUNTIME__SESSION_SECONDS": "6",
            "STREAMPROC_METRICS__FIRST_PORT": "0",
            "STREAMPROC_SIGNING__KEY": SIGNING_KEY,
        }
        self._sent = 0
        self.configuration = self._configuration()
        self.client = dict(self.configuration.client)
        self.partitions = self.configuration.catalogue[LOG_TOPIC].partitions
        asyncio.run(self.apply_topics())

    def _configuration(self) -> Configuration:
        loaded = load(ROOT / "config", ROOT / "topics")
        kafka = loaded.app.kafka.model_copy(update={"bootstrap": self.bootstrap, "prefix": self.prefix})
        names = loaded.plan.senders
        prefixed = load_topics(ROOT / "topics", triggers=names, prefix=self.prefix)
        app = loaded.app.model_copy(update={"kafka": kafka})
        return Configuration(app, loaded.plan, loaded.kpis, prefixed)

    async def apply_topics(self) -> None:
        await topics.apply(self.client, await topics.plan(self.client, self.configuration.catalogue))

    def on_cluster(self, topic: str) -> str:
        return self.prefix + topic

    def worker(self, name: str = "worker", command: Sequence[str] = (), **environ: str) -> PrintingProcess:
        """This release's worker, or another one that a command starts."""
        folder = self.folder / name
        own = {"STREAMPROC_RUNTIME__DATA_DIR": str(folder / "data")} | environ
        words, environ = ["worker", self.stage], self.environ | own
        return (
            PrintingProcess(folder, [*command, *words], environ) if command else ForkedProcess(folder, words, environ)
        )

    def repair(self, *arguments: str, name: str = "worker") -> subprocess.CompletedProcess[str]:
        own = {"STREAMPROC_RUNTIME__DATA_DIR": str(self.folder / name / "data"), "COLUMNS": "300"}
        environ = self.environ | own | {"PATH": "/usr/bin:/bin"}
        command = [*SCRIPT, "repair", *arguments]
        return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)

    def send(self, events: Iterable[Event]) -> None:
        """Write events into the customer log, each to its customer's partition."""
        asyncio.run(self._send([(subject_of(event).key, event) for event in events]))

    async def _send(self, events: Iterable[tuple[str, Event]]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True) as producer:
            for number, (customer, event) in enumerate(events):
                at = epoch_ms(event.occurred_at)
                value = encode_record(event, at, at, Origin(topic="raw", partition=0, offset=self._sent + number))
                key = customer.encode()
                await producer.send(self.on_cluster(LOG_TOPIC), value, key, partition_of(key, self.partitions))
            self._sent += number + 1

    async def write(self, topic: str, key: bytes, value: bytes | None, partition: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            await producer.send_and_wait(self.on_cluster(topic), value, key, partition)

    def committed(self) -> int:
        """How many records of the log are committed as processed."""
        offsets = asyncio.run(committed_offsets(self.bootstrap, f"{self.prefix}streamproc-decide"))
        return sum(offset for (topic, _), offset in offsets.items() if topic == self.on_cluster(LOG_TOPIC))

    def is_done(self) -> bool:
        """Whether all of the log is committed as processed, what decide itself has put there included."""
        log = self.on_cluster(LOG_TOPIC)
        ends: dict[int, int] = {}
        for record in asyncio.run(read_topic(self.bootstrap, log)):
            ends[record.partition] = max(ends.get(record.partition, 0), record.offset + 1)
        offsets = asyncio.run(committed_offsets(self.bootstrap, f"{self.prefix}streamproc-decide"))
        return all(offsets.get((log, partition), 0) >= end for partition, end in ends.items())

    def states(self) -> dict[bytes, Customer]:
        """What the changelog holds."""
        found: dict[bytes, Customer] = {}
        for record in asyncio.run(read_topic(self.bootstrap, self.on_cluster(DECIDE_STATE_TOPIC))):
            if record.value is None:
                found.pop(record.key, None)
            elif not is_own(record.key) and not record.key.startswith(b"\x00"):
                customer = decode_state(record.value)
                if isinstance(customer, Customer):
                    found[record.key] = customer
        return found

    def facts(self) -> list[tuple[int, bytes]]:
        records = asyncio.run(read_topic(self.bootstrap, self.on_cluster(FACTS_TOPIC)))
        return [(record.partition, record.value) for record in records]

    def oracle(self, states: Mapping[int, dict[bytes, bytes]] | None = None) -> Decided:
        """What the pure code makes of the log as it is now, serially; beginning with these encoded states."""
        records = asyncio.run(read_topic(self.bootstrap, self.on_cluster(LOG_TOPIC)))
        found: dict[bytes, Customer] = {}
        facts: list[tuple[int, bytes]] = []
        counts = dict.fromkeys((LOG_TOPIC, FACTS_TOPIC), self.partitions)
        log = self.on_cluster(LOG_TOPIC)
        topic_id = asyncio.run(describe(self.client, [log]))[log].topic_id
        for partition in range(self.partitions):
            held = MemoryStates(CODEC, dict((states or {}).get(partition, {})))
            context: PartitionContext[Any] = PartitionContext(LOG_TOPIC, partition, topic_id, held, counts)
            decider = Decider(
                self.configuration.plan,
                ModelBank(SIGNING_KEY.encode(), self.configuration.plan.predictions),
                frozenset(),
                SILENT,
                context,
            )
            deque(decider.open(), 0)
            own = [record for record in records if record.partition == partition]
            emitted = outputs_of(decider.process(own))
            facts += [(partition, record.value or b"") for record in emitted if record.topic == FACTS_TOPIC]
            held.checkpoint()
            found |= {key: decode_state(raw) for key, raw in held.stored.items() if is_customer(key, raw)}  # type: ignore[misc]
        return Decided(found, facts)
