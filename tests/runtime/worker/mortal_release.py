"""`streamproc` with a worker that dies, as by kill -9, at the first wake-up after it has committed some."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from streamproc.cli import main
from streamproc.customer.state import Customer
from streamproc.decide import stage as decide
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.shared import ALONE, Shared
from streamproc.decide.step import step
from streamproc.events.log import LogEntry, TimerDue
from streamproc.models.releases.bank import ModelBank

SLOWLY_SECONDS = 0.0005
"""How long a wake-up takes more here, so that on any machine a transaction ends before all are done."""


class Mortal(decide.Decider):
    """Knows how many customers were woken before a transaction began, and before the last that was committed."""

    woken = woken_at_cut = woken_and_committed = 0

    def cut(self) -> None:
        """A transaction begins."""
        Mortal.woken_at_cut = Mortal.woken
        super().cut()

    def committed(self) -> None:
        """It is committed."""
        Mortal.woken_and_committed = Mortal.woken_at_cut
        super().committed()


def mortal_step(
    state: Customer | None, entry: LogEntry, plan: Plan, bank: ModelBank, shared: Shared = ALONE
) -> Outcome:
    """The same step, as long as it lives."""
    if isinstance(entry.event, TimerDue):
        if Mortal.woken_and_committed:
            os.kill(os.getpid(), signal.SIGKILL)
        Mortal.woken += 1
        time.sleep(SLOWLY_SECONDS)
    return step(state, entry, plan, bank, shared)


if __name__ == "__main__":
    decide.step = mortal_step  # type: ignore[attr-defined]  # imported there
    decide.Decider = Mortal  # type: ignore[misc]
    main()
