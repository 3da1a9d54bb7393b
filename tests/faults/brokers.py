"""The brokers of a fault run: the session's one, or three of its own, if a fault needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.network import Network, network_of_its_own
from tests.kafka_broker import Kafka
from tests.kafka_cluster import HOSTS, NODES, KafkaCluster, cluster_for_tests


@dataclass
class Brokers:
    """What a run has of Kafka.

    Attributes:
        kafka: to be killed, restarted and frozen; of three, one.
        cluster: all three, if there are.
        network: a namespace that some workers are in, if there is one.
    """

    kafka: Kafka
    cluster: KafkaCluster | None = None
    network: Network | None = None

    @property
    def replicas(self) -> int:
        """How many copies of a record there can be."""
        return 1 if self.cluster is None else NODES

    @property
    def pids(self) -> list[int]:
        """All brokers' processes."""
        return [self.kafka.pid] if self.cluster is None else self.cluster.pids


@dataclass
class OneOfThree:
    """A cluster as those see it who think of a broker."""

    cluster: KafkaCluster
    number: int = field(default=1)

    @property
    def bootstrap(self) -> str:
        return self.cluster.bootstrap

    @property
    def pid(self) -> int:
        return self.cluster.pids[0]

    def kill(self) -> None:
        self.cluster.kill(self.number)

    def restart(self) -> str:
        self.cluster.start(self.number)
        return self.bootstrap


@contextmanager
def brokers_for(kafka: Kafka, *, three: bool) -> Iterator[Brokers]:
    """The session's broker, or three."""
    if not three:
        yield Brokers(kafka)
        return
    with (
        network_of_its_own(NODES) as network,
        cluster_for_tests(HOSTS if network is None else network.brokers) as all_of_them,
    ):
        yield Brokers(OneOfThree(all_of_them), all_of_them, network)
