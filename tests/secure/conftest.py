"""One secured Kafka for all tests of this folder."""

import gc
from collections.abc import Iterator

import pytest

from tests.secure.secure_kafka import SecureKafka, secure_kafka_for_tests


@pytest.fixture(scope="session")
def secure_kafka() -> Iterator[SecureKafka]:
    with secure_kafka_for_tests() as kafka:
        yield kafka
    gc.collect()  # what aiokafka left unclosed is found here, where it is known to be harmless


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """aiokafka does not wait until its first connection is closed, which takes a while with TLS, and Python says so."""
    for item in items:
        if "secure_kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
