"""One secured Kafka for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.secure.secure_kafka import SecureKafka, secure_kafka_for_tests


@pytest.fixture(scope="session")
def secure_kafka() -> Iterator[SecureKafka]:
    with secure_kafka_for_tests() as kafka:
        yield kafka
