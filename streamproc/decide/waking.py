"""Who is to be woken when event time moves: a heap of the customers' next timers."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush


class WakeUps:
    """The next timer of each customer, found in the order (due time, customer id)."""

    def __init__(self) -> None:
        self._due: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def load(self, timers: Iterator[tuple[bytes, int]]) -> None:
        """Start with these."""
        self._due = dict(timers)
        self._heap = [(due, key) for key, due in self._due.items()]
        heapify(self._heap)

    def set(self, key: bytes, due_ms: int | None) -> None:
        """The customer's next timer is now this; what the heap holds of an older one is skipped later."""
        if due_ms is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due_ms:
            self._due[key] = due_ms
            heappush(self._heap, (due_ms, key))

    def next_until(self, watermark_ms: int) -> tuple[int, bytes] | None:
        """Take out the first that is due, if any is."""
        while self._heap and self._heap[0][0] <= watermark_ms:
            due, key = heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                return due, key
        return None

    def __len__(self) -> int:
        return len(self._due)
