"""What the stages print, in one stream: with a prefix for people, one JSON object a line for machines."""

import threading
from contextlib import suppress
from datetime import UTC, datetime

import orjson

from streamproc.cli.terminal import Terminal, styled

USUAL_COLOUR = "blue"
COLOURS = {"collect": "cyan", "decide": "green", "learn": "magenta", "measure": "yellow", "kafka": "dim", "up": "bold"}


class StageLines:
    """Passes on lines of stages; those of a worker that logs JSON are as they are, others become an object's event."""

    def __init__(self, console: Terminal, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = console
        self._lock = threading.Lock()

    def say(self, stage: str, line: str) -> None:
        """One line of a stage, written whole whoever else says something at the same time."""
        with self._lock:
            if self.as_json:
                self._console.file.write(_as_object(stage, line) + "\n")
                self._console.file.flush()
            else:
                self._console.print(
                    styled((f"{stage:>8}", COLOURS.get(stage, USUAL_COLOUR)), f" {line}"), soft_wrap=True
                )


def _as_object(stage: str, line: str) -> str:
    """A line as a JSON object: as it is if it is one, and not half of one that a killed worker left."""
    with suppress(orjson.JSONDecodeError):
        if isinstance(orjson.loads(line), dict):
            return line
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"event": line, "level": "info", "stage": stage, "timestamp": now}).decode()
