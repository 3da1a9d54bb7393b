"""Whether a worker lives and whether it is at work, for whoever asks over HTTP: compose, Kubernetes, a person."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

STARTING_SECONDS = 180.0
"""How long a worker may wait for Kafka and look at its topics before its event loop is expected to beat."""

BEAT_SECONDS = 30.0
"""Without a beat for so long, the event loop stands still; long runs and recoveries hold it for seconds."""

SHOWN = 8
"""How many partitions a reason names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, and why."""

    is_fine: bool
    reason: str


class Health:
    """Is told what the runtime's observer is told, and answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._beat: float | None = None
        self._owned: int | None = None
        self._ready = 0
        self._away_seconds = 0.0
        self._unowned: Sequence[str] | None = None

    def heartbeat(self) -> None:
        """The event loop runs."""
        self._beat = self._clock()

    def ready(self, owned: int, ready: int) -> None:
        """So many partitions are this worker's, and so many of them are recovered and at work."""
        self._owned, self._ready = owned, ready

    def kafka_away(self, seconds: float) -> None:
        """Kafka has not answered for so long; 0 if it does."""
        self._away_seconds = seconds

    def unowned(self, partitions: Sequence[str] | None) -> None:
        """These nobody in the group has; None: that is not known now."""
        self._unowned = partitions

    @property
    def live(self) -> Answer:
        """Whether the event loop runs; if not, nothing but a restart helps."""
        since, allowed = (self._started, STARTING_SECONDS) if self._beat is None else (self._beat, BEAT_SECONDS)
        silent_seconds = self._clock() - since
        state = "starting" if self._beat is None else "last beat"
        return Answer(silent_seconds < allowed, f"{state}: {silent_seconds:.1f} s ago")

    @property
    def at_work(self) -> Answer:
        """Whether the worker has joined its group, its partitions are recovered, and those of others have an owner."""
        if not self.live.is_fine:
            return self.live
        if self._away_seconds:
            return Answer(is_fine=False, reason=f"Kafka is away, for {self._away_seconds:.0f} s")
        if self._owned is None:
            return Answer(is_fine=False, reason="has not joined its group yet")
        work = f"{self._ready} of {self._owned} partitions at work"
        if self._unowned is None:
            return Answer(is_fine=False, reason=f"{work}; not known yet who has the others")
        if self._unowned:
            return Answer(is_fine=False, reason=f"{work}; nobody has {_listed(self._unowned)}")
        return Answer(self._ready == self._owned, work)


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])
