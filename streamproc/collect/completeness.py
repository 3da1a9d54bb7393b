"""How far event time is complete in one raw partition, as far as its events have been committed."""

NEVER = -(2**62)


class Completeness:
    """The event time that a raw partition has reached (`reached_ms`); moves forward only.

    `seen` and `said` are called for what is processed; `cut` and `commit` follow the transaction, so that `through_ms`
    never speaks of an event that is not yet readable in the customer log.
    """

    def __init__(self, lateness_ms: int) -> None:
        self._lateness_ms = lateness_ms
        self.reached_ms = NEVER
        self._cut = NEVER
        self.through_ms: int | None = None

    def seen(self, at_ms: int) -> None:
        """An event: others may still be late by `lateness_ms`."""
        self.reached_ms = max(self.reached_ms, at_ms - self._lateness_ms)

    def said(self, through_ms: int) -> None:
        """The source's own word: nothing older follows."""
        self.reached_ms = max(self.reached_ms, through_ms)

    def cut(self) -> None:
        """A transaction begins with everything until now."""
        self._cut = self.reached_ms

    def commit(self) -> None:
        """That transaction is committed."""
        if self._cut > NEVER:
            self.through_ms = self._cut

    def until(self, clock_ms: int | None, *, at_end: bool) -> int | None:
        """How far the partition is complete at a moment of live operation, or (`clock_ms` None) of historical data.

        Live, a partition that has been read to its end (`at_end`) is as far as the clock; and none is further, or one
        producer whose clock is ahead would have carts abandoned that were filled just now.
        """
        if clock_ms is None:
            return self.through_ms
        if at_end:
            return clock_ms
        return None if self.through_ms is None else min(self.through_ms, clock_ms)
