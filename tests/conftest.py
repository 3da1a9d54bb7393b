"""What all tests may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from hypothesis import HealthCheck, settings

from streamproc.broker import ports
from tests.faults.small_disk import mount_small_disk, unmount
from tests.kafka_broker import Kafka, kafka_for_tests
from tests.ports import own_ports
from tests.real_orders import RealOrders, real_orders_in
from tests.trying import FULL

# Machines are shared: how long an example takes says nothing. In CI the same examples are tried each time;
# `make test-fast` tries a fifth of them.
settings.register_profile("streamproc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("streamproc"), derandomize=True)
settings.register_profile("fast", settings.get_profile("streamproc"), max_examples=FULL // 5)
settings.load_profile("ci" if os.environ.get("CI") else "streamproc")

# A broker of tests lives for a minute or a few: what the JVM's second compiler makes of its code costs more than it
# saves (start and stop: 4.5 s of CPU instead of 7.6 s).
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
ports.CANDIDATES = own_ports()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One real Kafka for all tests of this process: they make topics and groups of their own in it, one by one."""
    with kafka_for_tests() as broker:
        yield broker


@pytest.fixture(scope="session")
def real_orders(tmp_path_factory: pytest.TempPathFactory) -> RealOrders:
    """The orders of a real shop's year; the processes of a run of tests share one import."""
    own = tmp_path_factory.getbasetemp()
    return real_orders_in(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def almost_full(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for 50 kB beside a file `other-things` of 32 MB."""
    disk = tmp_path / "disk"
    try:
        mount_small_disk(disk, megabytes=32)
    except (OSError, CalledProcessError):
        pytest.skip("only root can mount a small disk")
    (disk / "other-things").write_bytes(bytes((32 << 20) - 50_000))
    yield disk
    unmount(disk)


MARKED_BY = {"kafka": "kafka", "secure_kafka": "kafka", "whole_year": "slow", "journey": "slow"}
"""What a test asks for, and the mark that leaves it out of `make test-fast`: a broker, or a whole file of real data."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for Kafka or a whole data set is marked so; those with Kafka come first, for they are long."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARKED_BY:
                item.add_marker(MARKED_BY[fixture])
    items.sort(key=lambda item: item.get_closest_marker("kafka") is None)
