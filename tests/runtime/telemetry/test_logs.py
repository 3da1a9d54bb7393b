"""Logs are text for people and JSON for machines, whoever logs, and tell nothing of customers."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError

from streamproc.cli.stage_lines import StageLines
from streamproc.cli.terminal import Terminal
from streamproc.events.log import decode_record
from streamproc.runtime.exits import Exit, describe_error, say
from streamproc.runtime.telemetry.logs import LogFormat, configure_logs


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    """The root logger is as it was, afterwards; and aiokafka says what it says, whichever command ran before."""
    root = logging.getLogger()
    logging.getLogger("aiokafka").setLevel(logging.NOTSET)
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


def logged(log_format: LogFormat) -> io.StringIO:
    stream = io.StringIO()
    configure_logs("decide", log_format, "info", stream)
    return stream


@pytest.mark.parametrize("name", ["streamproc.runtime.worker.partition", "faust.app", "aiokafka.consumer"])
def test_each_line_is_one_object_whoever_logs(name: str) -> None:
    stream = logged("json")
    logging.getLogger(name).warning("took over %s", "events-0", extra={"records": 7})
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "took over events-0", "level": "warning", "logger": name, "records": 7, "stage": "decide"}


def test_an_exception_stays_in_its_line() -> None:
    stream = logged("json")
    try:
        int("no")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_traceback_does_not_show_what_variables_held(log_format: LogFormat) -> None:
    stream = logged(log_format)

    def fail(customer: bytes) -> None:
        int(customer[:1])

    whose = b"x-ada@" + b"example.com"
    try:
        fail(whose)
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError" in stream.getvalue()
    assert "ada@example" not in stream.getvalue()


@pytest.mark.parametrize(("level", "lines"), [("info", 0), ("debug", 1)])
def test_a_coordinator_that_is_not_there_yet_is_no_error(level: str, lines: int) -> None:
    stream = io.StringIO()
    configure_logs("decide", "json", level, stream)
    coordinator = logging.getLogger("aiokafka.consumer.group_coordinator")
    coordinator.error("Group Coordinator Request failed: %s", GroupCoordinatorNotAvailableError())
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in said] == ["debug"] * lines
    coordinator.error("Group Coordinator Request failed: %s", NotCoordinatorForGroupError())
    assert json.loads(stream.getvalue().splitlines()[-1])["level"] == "error"


def test_a_stream_that_is_no_terminal_gets_json() -> None:
    stream = logged("auto")
    logging.getLogger("x").info("hello")
    assert json.loads(stream.getvalue())["event"] == "hello"


def test_text_is_for_reading() -> None:
    stream = logged("text")
    logging.getLogger("x").info("hello")
    assert "hello" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_the_last_line_says_the_exit_code_to_machines_too() -> None:
    stream = logged("json")
    say(Exit.OFFSETS, "events-0", "gone")
    line = json.loads(stream.getvalue())
    assert (line["exit_code"], line["level"]) == (82, "critical")
    assert line["event"].endswith("[exit 82]")


def test_an_error_in_a_record_does_not_tell_whose_it_is() -> None:
    record = b'{"at":"x","received_at":"x","event":{"type":"page_viewed","customer_id":"ada@example.com"}}'
    with pytest.raises(ValueError, match="ada@example") as caught:
        decode_record(record)
    said = describe_error(caught.value)
    assert "ada@example" not in said
    assert "event.page_viewed.event_id: Field required" in said


@pytest.mark.parametrize("line", ["plain", '{"event":"own"}'])
def test_lines_of_all_stages_are_one_stream_of_objects(line: str) -> None:
    stream = io.StringIO()
    StageLines(Terminal(file=stream), as_json=True).say("learn", line)
    assert json.loads(stream.getvalue())["event"] in {"plain", "own"}


def test_lines_of_all_stages_have_a_prefix_for_people() -> None:
    stream = io.StringIO()
    StageLines(Terminal(file=stream, highlight=False), as_json=False).say("learn", "[bold]as it is[/]")
    assert stream.getvalue() == "   learn [bold]as it is[/]\n"
