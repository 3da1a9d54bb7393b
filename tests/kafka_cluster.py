"""Three real brokers for tests of replication: topics with three replicas, writes that two of them must have."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streamproc.broker.config import HOST, LOG4J2_XML, BrokerSettings, Ports
from streamproc.broker.directory import LOG4J2_FILE, SERVER_PROPERTIES
from streamproc.broker.guard import Guard
from streamproc.broker.jars import kafka_jars
from streamproc.broker.java import find_java
from streamproc.broker.ports import choose_ports
from streamproc.broker.process import JavaProgram
from streamproc.broker.start import new_cluster_id

NODES = 3
HOSTS = [HOST] * NODES
SESSION_MS = 3_000
START_SECONDS = 90.0


@dataclass
class Node:
    """One broker, which is a controller too."""

    number: int
    folder: Path
    host: str
    ports: Ports
    java: subprocess.Popen[bytes] | None = None
    guard: Guard | None = None
    starts: int = field(default=0)

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"{self.host}:{self.ports.clients}"

    @property
    def is_alive(self) -> bool:
        return self.java is not None and self.java.poll() is None


class KafkaCluster:
    """Three KRaft nodes; `kill` ends one as a crash does, its leaders move to the others."""

    def __init__(self, folder: Path, hosts: Sequence[str] = HOSTS) -> None:
        settings = BrokerSettings(folder)
        self._program = JavaProgram(find_java(), kafka_jars(settings.cache_dir, lambda _: None), heap_mb=384)
        self.nodes = [
            Node(number, folder / f"node-{number}", host, choose_ports(settings, None))
            for number, host in enumerate(hosts, start=1)
        ]
        identity = new_cluster_id()
        for node in self.nodes:
            node.folder.mkdir(parents=True)
            (node.folder / SERVER_PROPERTIES).write_text(self._properties(node))
            (node.folder / LOG4J2_FILE).write_text(LOG4J2_XML)
            self._run(
                node, "kafka.tools.StorageTool", "format", f"--cluster-id={identity}", "--config", SERVER_PROPERTIES
            ).wait()

    @property
    def bootstrap(self) -> str:
        return ",".join(node.address for node in self.nodes)

    @property
    def pids(self) -> list[int]:
        """Of those that live."""
        return [node.java.pid for node in self.nodes if node.java is not None and node.is_alive]

    def start(self, *numbers: int) -> None:
        """Start nodes, and wait until all that live know each other."""
        for node in self.nodes:
            if node.number in numbers and not node.is_alive:
                node.java = self._run(node, "kafka.Kafka", SERVER_PROPERTIES)
                node.guard = Guard.over(node.java.pid)
        self.wait(sum(node.is_alive for node in self.nodes))

    def kill(self, number: int) -> None:
        """kill -9."""
        node = self.nodes[number - 1]
        assert node.java is not None
        node.java.kill()
        self._gone(node)

    def stop(self) -> None:
        for node in self.nodes:
            if node.java is not None and node.is_alive:
                node.java.kill()
                self._gone(node)

    def wait(self, brokers: int) -> None:
        """Until a client sees so many brokers."""
        deadline = time.monotonic() + START_SECONDS
        while asyncio.run(self._seen()) != brokers:
            assert time.monotonic() < deadline, [(n.folder / "output.txt").read_text()[-500:] for n in self.nodes]
            time.sleep(0.2)

    def leader(self, topic: str, partition: int = 0) -> int:
        """Who leads a partition now."""
        return asyncio.run(self._leader(topic, partition))

    async def _seen(self) -> int:
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap)
        try:
            await client.bootstrap()
            return len(client.cluster.brokers())
        except (KafkaError, OSError):
            return 0
        finally:
            await client.close()

    async def _leader(self, topic: str, partition: int) -> int:
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap)
        try:
            await client.bootstrap()
            await client.add_topic(topic)
            found: dict[int, int] = {p: client.cluster._partitions[topic][p].leader for p in [partition]}
        finally:
            await client.close()
        return found[partition]

    def _run(self, node: Node, *arguments: str) -> subprocess.Popen[bytes]:
        with (node.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                self._program.command(*arguments),
                cwd=node.folder,
                env=self._program.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _gone(self, node: Node) -> None:
        assert node.java is not None
        node.java.wait()
        if node.guard is not None:
            node.guard.release()
        node.java = node.guard = None

    def _properties(self, node: Node) -> str:
        voters = ",".join(f"{each.number}@{HOST}:{each.ports.controller}" for each in self.nodes)
        return "\n".join(
            [
                "process.roles=broker,controller",
                f"node.id={node.number}",
                f"controller.quorum.voters={voters}",
                f"listeners=PLAINTEXT://{node.address},CONTROLLER://{HOST}:{node.ports.controller}",
                f"advertised.listeners=PLAINTEXT://{node.address}",
                "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs=records",
                "auto.create.topics.enable=false",
                *_replicated("default.replication.factor", "offsets.topic.replication.factor"),
                *_replicated(
                    "transaction.state.log.replication.factor", "share.coordinator.state.topic.replication.factor"
                ),
                "min.insync.replicas=2",
                "transaction.state.log.min.isr=2",
                "share.coordinator.state.topic.min.isr=2",
                "offsets.topic.num.partitions=4",
                "transaction.state.log.num.partitions=4",
                "share.coordinator.state.topic.num.partitions=4",
                "group.initial.rebalance.delay.ms=0",
                "group.min.session.timeout.ms=1000",
                f"broker.session.timeout.ms={SESSION_MS}",
                f"broker.heartbeat.interval.ms={SESSION_MS // 4}",
                "log.cleaner.dedupe.buffer.size=33554432",
            ]
        )


def _replicated(*names: str) -> Sequence[str]:
    return [f"{name}={NODES}" for name in names]


@contextmanager
def cluster_for_tests(hosts: Sequence[str] = HOSTS) -> Iterator[KafkaCluster]:
    """A cluster on free ports; it ends with this process, however that ends."""
    with TemporaryDirectory(prefix="streamproc-cluster-") as folder:
        cluster = KafkaCluster(Path(folder), hosts)
        try:
            cluster.start(*range(1, NODES + 1))
            yield cluster
        finally:
            cluster.stop()
