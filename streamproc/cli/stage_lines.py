"""What the stages print, in one stream: with a prefix for people, one JSON object a line for machines."""

from datetime import UTC, datetime

import orjson

from streamproc.cli.terminal import Terminal, styled

COLOURS = {"collect": "cyan", "decide": "green", "learn": "magenta", "measure": "yellow", "kafka": "dim", "up": "bold"}


class StageLines:
    """Passes on lines of stages; those of a worker that logs JSON are as they are, others become an object's event."""

    def __init__(self, console: Terminal, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = console

    def say(self, stage: str, line: str) -> None:
        """One line of a stage."""
        if not self.as_json:
            self._console.print(styled((f"{stage:>8}", COLOURS[stage]), f" {line}"))
            return
        if not line.startswith("{"):
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            line = orjson.dumps({"event": line, "level": "info", "stage": stage, "timestamp": now}).decode()
        self._console.file.write(line + "\n")
        self._console.file.flush()
