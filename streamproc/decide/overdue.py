"""What was due before an event and has not been done, since no mark has come in between: it is done first.

Marks wake customers otherwise. Between two marks of a backlog days can lie; without this, an event in between would
take the place of a question, whose answer would be missing, or hide that a segment was left and entered again.
"""

from collections.abc import Iterator

from streamproc.customer.state import Customer
from streamproc.decide.predictions.questions import ask_timer
from streamproc.decide.segments.decay import DECAY
from streamproc.events.log import LogEntry, TimerDue
from streamproc.models.kind import AskedPredictions
from streamproc.models.labels import has_room


def overdue_timer(state: Customer | None, entry: LogEntry, predictions: AskedPredictions) -> LogEntry | None:
    """The first timer of these that was due before this event: it runs out first, and cannot see the event.

    Only marks give the answer of silence, so for a question there must be room for one more open one.
    """
    if state is None or isinstance(entry.event, TimerDue):
        return None
    if state.next_due_ms is None or state.next_due_ms >= entry.at_ms:
        return None
    waiting = ((state.timers.get(timer), timer, name) for timer, name in _timers(predictions))
    overdue = [
        (due_ms, timer)
        for due_ms, timer, name in waiting
        if due_ms is not None and due_ms < entry.at_ms and (name is None or has_room(state.questions, name))
    ]
    if not overdue:
        return None
    due_ms, timer = min(overdue)
    position = f"{entry.position}/{timer}"
    return LogEntry(entry.key, due_ms, position, entry.offset, TimerDue(timer), complete_ms=entry.complete_ms)


def _timers(predictions: AskedPredictions) -> Iterator[tuple[str, str | None]]:
    """The timers that do not wait for a mark; those that ask a prediction's question, with its name."""
    yield DECAY, None
    yield from ((ask_timer(name), name) for name in predictions)
