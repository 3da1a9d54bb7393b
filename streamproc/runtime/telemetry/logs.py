"""One shape for every line that a worker logs: ours, Faust's and aiokafka's alike.

Text for a person at a terminal, one JSON object per line for machines. No customer id in any of them: who has to be
named is named by the hash of the key.
"""

import logging
import re
import sys
import time
from collections.abc import Callable
from typing import Any, Literal, TextIO

import structlog
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streamproc.printable import printable
from streamproc.runtime.telemetry.repeats import Repeats

LogFormat = Literal["auto", "text", "json"]

QUIETER = ("faust", "mode", "aiokafka", "asyncio")
"""They say at INFO what is of interest to their authors, and build every record, even if nobody reads it."""


OURS = "streamproc"
_NUMBERS = re.compile(r"\d+")

COORDINATOR_LOGGER = "aiokafka.consumer.group_coordinator"


def configure_logs(stage: str, log_format: LogFormat, level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to `stream` (stderr); to be called once, before work starts."""
    stream = stream or sys.stderr
    handler = SeldomHandler(stream)
    handler.setFormatter(formatter(stage, as_json=is_json(log_format, stream)))
    root = logging.getLogger()
    for other in root.handlers[:]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger(COORDINATOR_LOGGER).addFilter(_lowered)


class SeldomHandler(logging.StreamHandler[TextIO]):
    """Writes what libraries repeat only now and then, with how often it was left out; our own lines always."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it."""
        now, left_out = self._clock(), 0
        if not record.name.startswith(OURS) and record.levelno < logging.CRITICAL:
            heard = self._repeats.hear(_kind(record), now)
            if heard is None:
                return
            left_out = heard
        for kind, count in self._repeats.ended(now):
            super().emit(_left_out(kind, count))
        super().emit(record)
        if left_out:
            super().emit(_left_out(_kind(record), left_out))


def _kind(record: logging.LogRecord) -> tuple[str, int, str, tuple[str, ...]]:
    """What makes two lines the same news: who says what, whatever the numbers, because of which kinds of errors."""
    args = record.args if isinstance(record.args, tuple) else ()
    errors = tuple(type(each).__name__ for each in args if isinstance(each, BaseException))
    return record.name, record.levelno, _NUMBERS.sub("", str(record.msg)), errors


def _left_out(kind: Any, count: int) -> logging.LogRecord:
    name, level, template, errors = kind
    said = " ".join([template, *errors])
    return logging.LogRecord(name, level, "", 0, "%d more lines like this were left out: %s", (count, said), None)


def _lowered(record: logging.LogRecord) -> bool:
    """Take for DEBUG what aiokafka calls an error and is none."""
    # A new cluster makes __consumer_offsets when the first group asks for its coordinator, and until it is there
    # answers "not available" (error 15). aiokafka asks again: every first start would show a red error.
    if not (
        isinstance(record.args, tuple) and any(isinstance(a, GroupCoordinatorNotAvailableError) for a in record.args)
    ):
        return True
    record.levelno, record.levelname = logging.DEBUG, "DEBUG"
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def is_json(log_format: LogFormat, stream: TextIO) -> bool:
    """Whether lines are for machines."""
    return log_format == "json" or (log_format == "auto" and not stream.isatty())


def quieten_libraries() -> None:
    """Leave out what they say below a warning."""
    for name in QUIETER:
        logging.getLogger(name).setLevel(logging.WARNING)


def _visible(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """A message is one line, and nothing in it is obeyed by a terminal; JSON escapes by itself."""
    return {**event, "event": printable(str(event.get("event", "")))}


def formatter(stage: str, *, as_json: bool) -> logging.Formatter:
    """How a line is written."""
    processors: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        processors += [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(sort_keys=True),
        ]
    else:
        plain = structlog.dev.plain_traceback  # others show local variables, which hold customers
        processors += [_visible, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=plain)]

    def name_stage(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        return {**event, "stage": stage} if as_json else event

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_stage,
        ],
        processors=processors,
    )
