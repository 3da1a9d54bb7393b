"""What the embedded broker is told: one KRaft node, on loopback only, with small internal topics."""

from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

HOST = "127.0.0.1"
NODE_ID = 1
LOG_FILE = "broker.log"
RECORDS = "records"

DEFAULT_HEAP_MB = 512
KAFKA_SESSION_MS = 9_000
INTERNAL_SEGMENT_BYTES = 2**20
"""Small, for Kafka's own topics: only what is in a closed segment can be compacted."""

MARKERS_KEPT_MS = 60_000
"""So long the cleaner keeps what says that something ended, unless a topic says otherwise, as all of ours do."""


@dataclass(frozen=True)
class BrokerSettings:
    """Where a broker keeps its records and on which ports of the loopback interface it listens.

    Attributes:
        data_dir: survives restarts: topics and records are still there.
        port: for clients; 0 takes the one of the last start if it is still free, else any free one.
        controller_port: for the broker's own controller; 0 as above.
        heap_mb: the JVM's heap; the process needs some 150 MB more.
        session_ms: for so long after a kill the controller takes the dead broker for alive and lets no new one in: a
            start after `kill -9` waits for it. Fault tests set it low; a short one has its price, for a broker that
            could not write to a busy disk for so long is taken for dead.
        cache_dir: where the jars are kept, for all brokers of this machine.
    """

    data_dir: Path
    port: int = 0
    controller_port: int = 0
    heap_mb: int = DEFAULT_HEAP_MB
    session_ms: int = KAFKA_SESSION_MS
    cache_dir: Path = field(default_factory=lambda: user_cache_path("streamproc") / "kafka")


def default_data_dir() -> Path:
    """Where `streamproc kafka` keeps its records unless told otherwise."""
    return user_data_path("streamproc") / "kafka"


@dataclass(frozen=True)
class Ports:
    """The two ports that a broker listens on."""

    clients: int
    controller: int

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.clients}"


def server_properties(ports: Ports, session_ms: int) -> str:
    """The broker's configuration; its paths are relative, so that the directory can be moved."""
    return f"""\
# Written by streamproc at every start.
process.roles=broker,controller
node.id={NODE_ID}
controller.quorum.voters={NODE_ID}@{HOST}:{ports.controller}
listeners=PLAINTEXT://{ports.bootstrap},CONTROLLER://{HOST}:{ports.controller}
advertised.listeners=PLAINTEXT://{ports.bootstrap}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={RECORDS}
auto.create.topics.enable=false

# One broker: nothing can be replicated, and four partitions are enough.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.topic.segment.bytes={INTERNAL_SEGMENT_BYTES}
offsets.retention.minutes=5256000
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.state.log.segment.bytes={INTERNAL_SEGMENT_BYTES}
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4

# Development and tests: groups form at once, and may notice a death quickly.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms={session_ms}
broker.heartbeat.interval.ms={session_ms // 4}

# Twice a second the controller would write, for other nodes, that nothing has changed: half of what idling costs.
metadata.max.idle.interval.ms=10000

# The default of 128 MB is for clusters; this is a quarter of it, and so much less memory in use.
log.cleaner.dedupe.buffer.size=33554432

# After a kill a broker loads what it knows of groups twice, for it is fenced and let in again meanwhile; and should the
# first load end during the second one, Kafka (4.3.1, also 4.4.0) works with half of it: offsets of long ago, or none at
# all until it is started again. So there must be little to load, however long the broker has worked.
log.cleaner.delete.retention.ms={MARKERS_KEPT_MS}
"""


LOG4J2_XML = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by streamproc at every start. -->
<Configuration status="ERROR">
  <Appenders>
    <RollingFile name="file" fileName="{LOG_FILE}" filePattern="{LOG_FILE}.%i">
      <PatternLayout pattern="%d %p %c{{1}}: %m%n"/>
      <SizeBasedTriggeringPolicy size="10 MB"/>
      <DefaultRolloverStrategy max="2"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="file"/></Root>
  </Loggers>
</Configuration>
"""
