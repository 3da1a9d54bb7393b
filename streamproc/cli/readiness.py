"""Says once that all stages are at work: between the lines of their start nobody would see it."""

import re
import threading
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from streamproc.cli.stage_lines import StageLines
from streamproc.settings.stages import STAGES

READY = "ready: `streamproc send FILE` in another terminal, `streamproc tail` to watch; Ctrl-C stops"
LOOK_EVERY_SECONDS = 0.3
ANSWER_SECONDS = 2.0
_PORT = re.compile(r"metrics on http://\S*?:(\d+)/metrics")


class Readiness:
    """Passes the stages' lines on, learns from them where each answers, and asks `/readyz` there until all are ready.

    The port is in a line because the settings may leave it to the system (0).
    """

    def __init__(self, lines: StageLines, host: str) -> None:
        self._lines = lines
        self._host = host
        self._ports: dict[str, int] = {}
        self._ended = threading.Event()
        self._asking = threading.Thread(target=self._ask, name="readiness", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._asking.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()

    def say(self, stage: str, line: str) -> None:
        """One line of a stage."""
        if found := _PORT.search(line):
            self._ports[stage] = int(found[1])
        self._lines.say(stage, line)

    def _ask(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            if all(self._is_ready(stage) for stage in STAGES):
                self._lines.say("up", READY)
                return

    def _is_ready(self, stage: str) -> bool:
        if stage not in self._ports:
            return False
        connection = HTTPConnection(self._host, self._ports[stage], timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
