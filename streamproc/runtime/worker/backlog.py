"""What one partition has been given and has not processed yet: how much, and since when.

Against a lag that says nothing: a hundred thousand records are a second of work or an hour of silence. Kafka's time of
the oldest record that waits says how late everything behind it is.
"""

from collections import deque

from streamproc.runtime.worker.batch import Batch


class Backlog:
    """The batches that wait, the one in work first."""

    def __init__(self) -> None:
        self.records = self.bytes = 0
        self._oldest_ms: deque[int] = deque()
        self._reached_ms = 0

    def add(self, batch: Batch) -> None:
        """A batch was delivered."""
        self.records += len(batch.records)
        self.bytes += batch.size
        self._oldest_ms.append(batch.records[0].timestamp)

    def done(self, batch: Batch) -> None:
        """It was processed."""
        self.records -= len(batch.records)
        self.bytes -= batch.size
        self._oldest_ms.popleft()
        self._reached_ms = max(self._reached_ms, batch.records[-1].timestamp)

    def age_seconds(self, behind: int, now_ms: int) -> float:
        """How long ago Kafka took the oldest record that waits, where `behind` more are there that were not fetched.

        Of those nothing is known but that they came after the last one that was processed, and after the last time
        that there were none.
        """
        if not self.records and not behind:
            self._reached_ms = now_ms
        oldest_ms = self._oldest_ms[0] if self._oldest_ms else self._reached_ms
        return max(0, now_ms - oldest_ms) / 1000 if oldest_ms else 0.0
