"""`streamproc` with a worker that dies, as by kill -9, when it has woken so many customers."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from streamproc.cli import main
from streamproc.customer.state import Customer
from streamproc.decide import stage as decide
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.events.log import LogEntry, TimerDue
from streamproc.models.bank import ModelBank

WAKES = 3_600
woken: list[str] = []


def mortal_step(state: Customer | None, entry: LogEntry, plan: Plan, bank: ModelBank) -> Outcome:
    """The same step, as long as it lives."""
    if isinstance(entry.event, TimerDue):
        woken.append(entry.key)
        if len(woken) == WAKES:
            os.kill(os.getpid(), signal.SIGKILL)
    return step(state, entry, plan, bank)


if __name__ == "__main__":
    decide.step = mortal_step  # type: ignore[attr-defined]  # imported there
    main()
