"""What all tests may ask for."""

from collections.abc import Iterator

import pytest

from tests.kafka_broker import Kafka, kafka_for_tests


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
