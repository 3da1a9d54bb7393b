"""Whether Kafka answers: one line when it has gone, one when it is back, and since when in between."""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Presence:
    """What is known of Kafka's presence; `tell` hears for how many seconds it has been away, 0 if it is there."""

    def __init__(self, address: object, tell: Callable[[float], None], clock: Callable[[], float] = time.time) -> None:
        self._address = address
        self._tell = tell
        self._clock = clock
        self._since: float | None = None

    def lost(self, error: Exception) -> None:
        """It does not answer, or a question could not be asked."""
        if self._since is None:
            self._since = self._clock()
            log.warning("Kafka at %s is away: %s", self._address, error)
        self._tell(max(0.001, self._clock() - self._since))

    def found(self) -> None:
        """It answers."""
        if self._since is not None:
            log.warning("Kafka at %s is back after %.0f s", self._address, self._clock() - self._since)
            self._since = None
        self._tell(0.0)
