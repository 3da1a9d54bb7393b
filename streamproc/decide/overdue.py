"""What was due before an event and has not been done, since no mark has come in between: it is done first.

Marks wake customers otherwise. Between two marks of a backlog days can lie; without this, an event in between would
take the place of a question, whose answer would be missing, or hide that a segment was left and entered again.
"""

from collections.abc import Iterator

from streamproc.customer.state import Customer
from streamproc.decide.decay import DECAY
from streamproc.decide.questions import ask_timer
from streamproc.events.log import LogEntry, TimerDue
from streamproc.models.kind import Predictions
from streamproc.models.labels import has_room


def overdue_timer(state: Customer | None, entry: LogEntry, predictions: Predictions) -> LogEntry | None:
    """The first timer of these that was due before this event: it runs out first, and cannot see the event.

    Only marks give the answer of silence, so for a question there must be room for one more open one.
    """
    if state is None or isinstance(entry.event, TimerDue):
        return None
    if state.next_due_ms is None or state.next_due_ms >= entry.at_ms:
        return None
    waiting = ((state.timers.get(name), name) for name in _names(state, predictions))
    overdue = [(due_ms, name) for due_ms, name in waiting if due_ms is not None and due_ms < entry.at_ms]
    if not overdue:
        return None
    due_ms, timer = min(overdue)
    position = f"{entry.position}/{timer}"
    return LogEntry(entry.key, due_ms, position, entry.offset, TimerDue(timer), complete_ms=entry.complete_ms)


def _names(state: Customer, predictions: Predictions) -> Iterator[str]:
    """The timers that do not wait for a mark."""
    yield DECAY
    yield from (ask_timer(name) for name in predictions if has_room(state.questions, name))
