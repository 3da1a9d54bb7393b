"""A real Kafka with a listener for each kind of security, and with ACLs: who is not named in one may do nothing."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiokafka.errors import KafkaError

from streamproc.broker.config import HOST, LOG4J2_XML, BrokerSettings
from streamproc.broker.directory import LOG4J2_FILE, SERVER_PROPERTIES
from streamproc.broker.guard import Guard
from streamproc.broker.jars import kafka_jars
from streamproc.broker.java import find_java
from streamproc.broker.ports import choose_ports
from streamproc.broker.process import JavaProgram
from streamproc.broker.start import new_cluster_id
from streamproc.runtime.client.authentication import reach
from streamproc.settings.stages import STAGES
from tests.secure.pki import Pki

START_SECONDS = 90.0
PASSWORD = "s3cret"
ADMIN, NOBODY = "admin", "nobody"
USERS = (ADMIN, NOBODY, *STAGES)

LISTENERS = {
    "PLAINTEXT": "PLAINTEXT",
    "SSL": "SSL",
    "EXPIRED": "SSL",
    "ELSEWHERE": "SSL",
    "MUTUAL": "SSL",
    "SASL_SSL": "SASL_SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
}
"""The listeners and what each speaks. Who comes without an account is the cluster's administrator."""


@dataclass
class SecureKafka:
    """The broker; `addresses` by listener."""

    folder: Path
    pki: Pki
    addresses: Mapping[str, str]
    controller: int
    java: subprocess.Popen[bytes] | None = None
    guard: Guard | None = None
    program: JavaProgram = field(init=False)

    def __post_init__(self) -> None:
        cache = BrokerSettings(self.folder).cache_dir
        self.program = JavaProgram(find_java(), kafka_jars(cache, lambda _: None), heap_mb=384)

    @property
    def admin(self) -> dict[str, Any]:
        """The connection of somebody who may do everything."""
        return {"bootstrap_servers": self.addresses["PLAINTEXT"]}

    def settings(self, user: str, **other: str) -> dict[str, str]:
        """The environment of somebody with an account and SCRAM over TLS."""
        named = {
            "bootstrap": self.addresses["SASL_SSL"],
            "security": "SASL_SSL",
            "ca_file": str(self.pki["ca.pem"]),
            "sasl_username": user,
            "sasl_password": PASSWORD,
        }
        return {f"STREAMPROC_KAFKA__{name.upper()}": value for name, value in (named | other).items()}

    def start(self) -> None:
        (self.folder / SERVER_PROPERTIES).write_text(self._properties())
        (self.folder / LOG4J2_FILE).write_text(LOG4J2_XML)
        users = [f"--add-scram=SCRAM-SHA-512=[name={user},password={PASSWORD}]" for user in USERS]
        self._run("kafka.tools.StorageTool", "format", f"--cluster-id={new_cluster_id()}", *users,
                  "--config", SERVER_PROPERTIES).wait()  # fmt: skip
        self.java = self._run("kafka.Kafka", SERVER_PROPERTIES)
        self.guard = Guard.over(self.java.pid)
        deadline = time.monotonic() + START_SECONDS
        while not asyncio.run(self._answers()):
            is_hopeless = time.monotonic() > deadline or self.java.poll() is not None
            assert not is_hopeless, (self.folder / "output.txt").read_text()
            time.sleep(0.2)

    def stop(self) -> None:
        if self.java is not None:
            self.java.kill()
            self.java.wait()
        if self.guard is not None:
            self.guard.release()

    def set_password(self, user: str, password: str) -> None:
        """Give a user another one, for SCRAM."""
        entity = ("--entity-type", "users", "--entity-name", user)
        value = f"SCRAM-SHA-512=[password={password}]"
        address = self.addresses["PLAINTEXT"]
        tool = ("kafka.admin.ConfigCommand", "--bootstrap-server", address, "--alter", "--add-config", value, *entity)
        assert self._run(*tool).wait() == 0, (self.folder / "output.txt").read_text()

    async def _answers(self) -> bool:
        try:
            await reach(self.admin)
        except (KafkaError, OSError):
            return False
        return True

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                self.program.command(*arguments),
                cwd=self.folder,
                env=self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _properties(self) -> str:
        listeners = ",".join(f"{name}://{address}" for name, address in self.addresses.items())
        plain = " ".join(f'user_{user}="{PASSWORD}"' for user in USERS)
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        lines = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{HOST}:{self.controller}",
            "listeners": f"{listeners},CONTROLLER://{HOST}:{self.controller}",
            "advertised.listeners": listeners,
            "listener.security.protocol.map": ",".join(
                f"{name}:{protocol}" for name, protocol in (LISTENERS | {"CONTROLLER": "PLAINTEXT"}).items()
            ),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": "records",
            "auto.create.topics.enable": "false",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.pki["broker.store.pem"],
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.pki["ca.pem"],
            "listener.name.expired.ssl.keystore.type": "PEM",
            "listener.name.expired.ssl.keystore.location": self.pki["expired.store.pem"],
            "listener.name.elsewhere.ssl.keystore.type": "PEM",
            "listener.name.elsewhere.ssl.keystore.location": self.pki["elsewhere.store.pem"],
            "listener.name.mutual.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:ANONYMOUS;User:{ADMIN}",
            "allow.everyone.if.no.acl.found": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "log.cleaner.dedupe.buffer.size": 33554432,
        }
        for name in ("sasl_ssl", "sasl_plaintext"):
            lines[f"listener.name.{name}.scram-sha-512.sasl.jaas.config"] = scram
            lines[f"listener.name.{name}.plain.sasl.jaas.config"] = (
                f"org.apache.kafka.common.security.plain.PlainLoginModule required {plain};"
            )
        return "".join(f"{name}={value}\n" for name, value in lines.items())


@contextmanager
def secure_kafka_for_tests() -> Iterator[SecureKafka]:
    """On free ports and in a folder that goes away; it ends with this process, however that ends."""
    with TemporaryDirectory(prefix="streamproc-secure-") as name:
        folder = Path(name)
        (folder / "pki").mkdir()
        pairs = [choose_ports(BrokerSettings(folder), None) for _ in range(-(-(len(LISTENERS) + 1) // 2))]
        controller, *ports = [port for pair in pairs for port in (pair.clients, pair.controller)]
        addresses = {listener: f"{HOST}:{port}" for listener, port in zip(LISTENERS, ports, strict=False)}
        kafka = SecureKafka(folder, Pki.made_in(folder / "pki"), addresses, controller)
        try:
            kafka.start()
            yield kafka
        finally:
            kafka.stop()
