"""Noticing that this process stood still.

Against a zombie: a process that was stopped (SIGSTOP, a frozen machine) past its session still believes that it owns
its partitions when it wakes. The broker fences it; this is the second net, which ends it before it sends anything.
"""

import threading
import time
from typing import Any

from streamproc.runtime.exits import Exit, fatal

TICK_SECONDS = 0.2


class PauseGuard:
    """Ends the process when it did not run for `limit_seconds`.

    A thread of its own looks at the clock, so that a long run of a processor is not taken for a pause: meanwhile the
    consumer's thread goes on telling Kafka that this worker lives.
    """

    def __init__(self, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._last_seen: float | None = None

    def start(self) -> None:
        """Keep looking, as long as the process lives."""
        threading.Thread(target=self._watch, name="pause-guard", daemon=True).start()

    def check(self) -> None:
        """Call before anything is sent: what was true before a pause may not be true any more."""
        if self._last_seen is None:
            return
        paused_seconds = time.monotonic() - self._last_seen
        if paused_seconds > self._limit_seconds:
            fatal(Exit.PAUSED, "worker", f"{paused_seconds:.1f} s, allowed are {self._limit_seconds:.1f} s")

    def _watch(self) -> None:
        while True:
            self.check()
            self._last_seen = time.monotonic()
            time.sleep(TICK_SECONDS)


def guard_requests(client: Any, guard: PauseGuard) -> None:
    """Let the guard look right before each request of an aiokafka client leaves; retries inside aiokafka included."""
    send = client.send

    async def send_if_awake(node_id: int, request: Any, **options: Any) -> Any:
        guard.check()
        return await send(node_id, request, **options)

    client.send = send_if_awake
