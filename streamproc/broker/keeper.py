"""Starts the embedded Kafka again when it has died by itself, on the same ports and with its records."""

import threading
from collections.abc import Callable

from streamproc.broker.embedded import EmbeddedKafka
from streamproc.broker.error import BrokerError

LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class BrokerKeeper:
    """Looks after a broker that is up until it is told to stop; `say` gets a line for what happens."""

    def __init__(self, broker: EmbeddedKafka, say: Callable[[str], None]) -> None:
        self._broker = broker
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="broker-keeper", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; to be called before the broker is stopped, which would be taken for a death."""
        self._stopping.set()
        self._thread.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._broker.check()
                continue
            except BrokerError as error:
                self._say(f"{error}; starting it again")
            try:
                self._say(f"Kafka is back on {self._broker.revive()}")
                pause = FIRST_PAUSE_SECONDS
            except BrokerError as error:
                self._say(f"it could not be started: {error}; trying again in {pause:.0f} s")
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
