"""What declared features cost: folding an event, and the whole of deciding on it, with 0, 3 and 20 of them."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from benchmarks import wholesale
from benchmarks.core.model import bank_with_model
from benchmarks.core.shop import known_customers, later_values
from benchmarks.result import Result, Table, spread
from benchmarks.timing import microseconds
from streamproc.customer.codec import decode, encode
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.folds import fold
from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.events.log import LogEntry
from streamproc.events.raw import RAW
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import Subject, subject_of
from streamproc.events.times import epoch_ms
from streamproc.models.releases.bank import ModelBank

COUNTS = (0, 3, 20)
CUSTOMERS = 500
EVENTS = 5_000
ROUNDS = 5
BEHIND = 20
"""Events of each customer that came before, and were counted."""

BLOCKS: Sequence[dict[str, Any]] = (
    {"event": ["page_viewed", "product_viewed"], "where": {"device": "phone"}},
    {"event": "order_placed", "sum": "amount"},
    {"event": "product_viewed", "hours": [22, 6]},
    {"event": "opened", "where": {"is_machine": False}},
)
"""What is counted, over windows of different lengths; three of four concern browsing, which most events are."""


def declaring(plan: Plan, count: int) -> Plan:
    """The plan with so many declared features, each with a definition of its own."""
    blocks = [
        BLOCKS[number % len(BLOCKS)] | {"name": f"f{number}", "description": "One.", "window": f"{7 + number}d"}
        for number in range(count)
    ]
    return replace(plan, features=FeatureSettings.model_validate({"feature": blocks}))


def run() -> Result:
    """The benchmark `declared_features`: the plans take turns, and each round's ratios are to the plan without any."""
    plain = wholesale.plan_of(wholesale.ROOT / "config")
    bank = bank_with_model(plain.models["churn"])
    entries = [entry_of(number, values) for number, values in enumerate(later_values(EVENTS, CUSTOMERS))]
    plans = [declaring(plain, count) for count in COUNTS]
    states = [known_customers(CUSTOMERS, plan, bank, BEHIND) for plan in plans]
    rounds = [
        [costs_of(plan, bank, known, entries) for plan, known in zip(plans, states, strict=True)] for _ in range(ROUNDS)
    ]
    return Result(
        "declared_features",
        "Fold an event, and decode the state, decide (scoring included) and encode the state, without and with counts "
        "and sums that config/features.toml declares; a consumer shop's mix of events",
        {"events": EVENTS, "customers": CUSTOMERS, "rounds": ROUNDS, "features": ", ".join(map(str, COUNTS))},
        [Table("Beside none", ("features", "fold", "the whole", "state, median bytes"), _rows(rounds, states))],
    )


def _rows(rounds: Sequence[Sequence[tuple[float, float]]], states: Sequence[Sequence[Customer]]) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for place, (count, known) in enumerate(zip(COUNTS, states, strict=True)):
        ratios = [[costs[place][part] / costs[0][part] for costs in rounds] for part in (0, 1)]
        size = median(len(encode(customer)) for customer in known)
        rows.append((str(count), *(spread(ratio, 2) for ratio in ratios), round(size)))
    return rows


def costs_of(
    plan: Plan, bank: ModelBank, known: Sequence[Customer], entries: Sequence[LogEntry]
) -> tuple[float, float]:
    """CPU microseconds per event of the fold, and of the whole."""
    states = [known[int(Subject.of_key(entry.key).id[1:]) % len(known)] for entry in entries]
    encoded = [encode(state) for state in states]
    pairs, raw = list(zip(states, entries, strict=True)), list(zip(encoded, entries, strict=True))

    def whole() -> None:
        for state, entry in raw:
            customer = step(decode(state), entry, plan, bank).customer
            if customer is not None:
                encode(customer)

    folding = microseconds(lambda: [fold(state, entry, plan.declared) for state, entry in pairs], len(entries), 1)
    return folding, microseconds(whole, len(entries), 1)


def entry_of(number: int, values: dict[str, Any]) -> LogEntry:
    event = RAW.validate_python(values, strict=False)
    if isinstance(event, SourceProgressed):
        raise TypeError("not an event of a shop")
    return LogEntry(subject_of(event).key, epoch_ms(event.occurred_at), f"b/0/{number}", number, event)
