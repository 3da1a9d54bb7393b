"""`streamproc` as its next release might be: a customer's state has one field more, at the end.

It counts the events that this release applied to the customer. So that a test can compare, each fact names the
customer whose count it went with.
"""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from streamproc.cli import main
from streamproc.customer.recent_ids import Seen
from streamproc.customer.state import Customer
from streamproc.decide import stage as decide
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.shared import ALONE, Shared
from streamproc.decide.step import step
from streamproc.events.log import LogEntry
from streamproc.models.releases.bank import ModelBank

APPLIED_BY = "applied_by_newer"


def newer_step(state: Customer | None, entry: LogEntry, plan: Plan, bank: ModelBank, shared: Shared = ALONE) -> Outcome:
    """The same step, and the new field, which the bytes carry behind all others."""
    outcome = step(state, entry, plan, bank, shared)
    if outcome.customer is None or outcome.seen is not Seen.NEW:
        return outcome
    (counted,) = state.later if state is not None and state.later else (0,)
    customer = outcome.customer.copy()
    customer.later = (counted + 1,)
    facts = [replace(fact, values={**fact.values, APPLIED_BY: entry.key}) for fact in outcome.facts]
    return replace(outcome, customer=customer, facts=tuple(facts))


if __name__ == "__main__":
    decide.step = newer_step  # type: ignore[attr-defined]  # imported there
    main()
