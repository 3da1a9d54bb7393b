"""What all tests may ask for."""

from collections.abc import Iterator

import pytest

from tests.kafka_broker import Kafka, kafka_for_tests


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One real Kafka for the whole session: tests make topics and groups of their own in it."""
    with kafka_for_tests() as broker:
        yield broker
