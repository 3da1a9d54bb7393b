"""Lines that repeat are told seldom, and none is forgotten."""

import io
import logging

from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.telemetry.logs import SeldomHandler
from streamproc.runtime.telemetry.repeats import FIRST_PAUSE_SECONDS, KINDS, LONGEST_PAUSE_SECONDS, Repeats


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 2_000)), max_size=300))
def test_the_first_of_each_kind_is_told_and_all_lines_are_accounted_for(heard: list[tuple[int, float]]) -> None:
    repeats, now, told, left_out = Repeats(), 0.0, 0, 0
    seen: set[int] = set()
    for kind, pause in heard:
        now += pause
        before = repeats.hear(kind, now)
        assert (before == 0) if kind not in seen else True
        seen.add(kind)
        told += before is not None
        left_out += before or 0
        left_out += sum(count for _, count in repeats.ended(now))
    waiting = sum(count for _, count in repeats.ended(now + 2 * LONGEST_PAUSE_SECONDS))
    assert told + left_out + waiting == len(heard)


def test_a_night_of_one_line_is_told_a_dozen_times() -> None:
    repeats = Repeats()
    assert sum(repeats.hear("away", second / 10) is not None for second in range(8 * 36_000)) < 16


def test_kinds_are_bounded() -> None:
    repeats = Repeats()
    for kind in range(3 * KINDS):
        repeats.hear(kind, 0.0)
        repeats.hear(kind, 0.0)
        repeats.ended(0.0)
    assert len(repeats._kinds) <= KINDS


class Log:
    """A logger on a handler whose clock the test moves."""

    def __init__(self, name: str) -> None:
        self.now, self.stream = 0.0, io.StringIO()
        self.logger = logging.getLogger(f"{name}.{id(self)}")
        self.logger.setLevel(logging.INFO)  # whatever another test has set above it
        self.logger.propagate = False
        self.logger.addHandler(SeldomHandler(self.stream, lambda: self.now))

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_what_kafkas_client_repeats_is_counted_whatever_the_node() -> None:
    log = Log("aiokafka")
    for node in range(1_000):
        log.logger.error("Unable connect to node with id %s: %s", node, KafkaConnectionError())
    assert log.lines == ["Unable connect to node with id 0: KafkaConnectionError"]
    log.now = FIRST_PAUSE_SECONDS + 1
    log.logger.error("Unable connect to node with id %s: %s", 7, KafkaConnectionError())
    assert "999 more lines like this were left out" in log.lines[-1]


def test_when_it_is_over_the_next_line_of_any_kind_brings_the_count() -> None:
    log = Log("aiokafka")
    for _ in range(10):
        log.logger.error("away")
    log.now = FIRST_PAUSE_SECONDS + 1
    log.logger.warning("something else")
    assert log.lines == ["away", "9 more lines like this were left out: away", "something else"]


def test_our_own_lines_are_never_left_out() -> None:
    log = Log("streamproc.runtime.worker.partition")
    for _ in range(10):
        log.logger.warning("took over %s", "events-0")
    assert len(log.lines) == 10
