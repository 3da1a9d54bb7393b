"""With what a worker ends whose error nobody caught nearer to it."""

import pytest
from aiokafka.errors import InconsistentGroupProtocolError, KafkaConnectionError, NodeNotReadyError

from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import ChangelogCutError, ending_of

GROUP = "eu.streamproc-decide"


@pytest.mark.parametrize("error", [KafkaConnectionError("kafka:9092"), NodeNotReadyError(1), ConnectionResetError()])
def test_a_broker_that_dies_while_a_worker_starts_is_kafka_away(error: Exception) -> None:
    assert ending_of(error, GROUP).code is Exit.KAFKA_AWAY


def test_a_foreign_member_is_told_with_the_group_that_it_is_in() -> None:
    ending = ending_of(InconsistentGroupProtocolError(), GROUP)
    assert ending.code is Exit.CONFIGURATION
    assert GROUP in ending.what
    assert ending.remedy is not None


def test_what_has_a_code_of_its_own_keeps_it_and_a_bug_is_a_crash() -> None:
    assert ending_of(ChangelogCutError("cut"), GROUP).code is Exit.CHANGELOG
    assert ending_of(KeyError("bug"), GROUP).code is Exit.CRASHED
