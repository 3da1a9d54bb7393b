"""What all tests may ask for."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.kafka_broker import Kafka, kafka_for_tests

# Machines are shared: how long an example takes says nothing. In CI the same examples are tried each time.
settings.register_profile("streamproc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("streamproc"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "streamproc")


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One real Kafka for the whole session: tests make topics and groups of their own in it."""
    with kafka_for_tests() as broker:
        yield broker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for Kafka is marked so, and left out of `make test-fast`."""
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)
