"""Who is to be woken when event time moves: a heap of the customers' next timers.

Most timers are moved before they run out, and a heap can only forget its first entry: so it is built anew when most of
it is outdated, and is never more than twice as big as it needs to be.
"""

from heapq import heapify, heappop, heappush

SLACK = 1_000
"""So many outdated entries are not worth a look."""


class WakeUps:
    """The next timer of each customer, found in the order (due time, customer id)."""

    def __init__(self) -> None:
        self._due: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def set(self, key: bytes, due_ms: int | None) -> None:
        """The customer's next timer is now this; what the heap holds of an older one is skipped later."""
        if due_ms is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due_ms:
            self._due[key] = due_ms
            heappush(self._heap, (due_ms, key))
        if len(self._heap) > 2 * len(self._due) + SLACK:
            self._build()

    def next_until(self, watermark_ms: int) -> tuple[int, bytes] | None:
        """Take out the first that is due, if any is."""
        while self._heap and self._heap[0][0] <= watermark_ms:
            due, key = heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                return due, key
        return None

    def _build(self) -> None:
        self._heap = [(due, key) for key, due in self._due.items()]
        heapify(self._heap)

    def __len__(self) -> int:
        return len(self._due)
