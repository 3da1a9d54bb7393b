"""The benchmark `core`: what each part of an event's way costs on one core, and how that grows with the customers."""

import cProfile
import gc
import pstats
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import orjson

from benchmarks import wholesale
from benchmarks.core.growth import OFFERS, SEGMENTS, TRIGGERS, grown
from benchmarks.core.model import bank_with_model
from benchmarks.core.shop import MIX, known_customers, later_values
from benchmarks.result import Goal, Result, Table
from benchmarks.timing import microseconds
from streamproc.customer.codec import decode, encode
from streamproc.customer.state import Customer
from streamproc.decide.outcome import Outcome
from streamproc.decide.plan import Plan
from streamproc.decide.step import step
from streamproc.events.adapters.native import parse
from streamproc.events.base import RawEvent
from streamproc.events.log import LogEntry, LogRecord, decode_record, encode_record
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import Subject, subject_of
from streamproc.events.times import epoch_ms
from streamproc.models.releases.bank import ModelBank

EVENTS = 20_000
TEMPLATES = 1_000
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5
GOAL_PER_SECOND = 20_000

PARTS = {
    "fold": ("customer/folds/", "customer/windows.py", "customer/state.py"),
    "features": ("customer/features/", "customer/view.py"),
    "scores and questions": ("models/", "decide/predictions/questions.py", "river/"),
    "segments": ("decide/segments/segment.py", "decide/checks.py"),
    "trigger rules": ("decide/triggers/",),
    "policy": ("decide/policy.py", "decide/messages/permit.py", "decide/rules/"),
    "offers": ("decide/offers/choice.py", "decide/offer_rule.py", "decide/offer_policies/"),
    "facts": ("decide/facts.py",),
}
"""Which files a part of the step is; the rest is the step itself and what Python brings."""


@dataclass(frozen=True)
class Shop:
    """The same customers, events and plan for all measurements."""

    plan: Plan
    bank: ModelBank
    customers: Sequence[Customer]
    raw: Sequence[bytes]
    logged: Sequence[bytes]


def run() -> Result:
    """Measure parts, whole, and growth."""
    shop = _shop()
    gc.collect()
    gc.freeze()
    gc.disable()  # as a worker does nearly
    try:
        parts, whole_us = _parts(shop)
        growth = [(size, _whole_us(shop, size)) for size in SIZES]
        configurations = _configurations(shop)
        invoices = wholesale.run()
    finally:
        gc.enable()
        gc.unfreeze()
    flat = growth[-1][1] / growth[0][1]
    best = round(1e6 / min(us for _, us in growth))
    return Result(
        "core",
        "One process, no Kafka: read a log record, decode the customer's state, decide (scoring included), encode the "
        "state and what is told. A consumer shop's mix of events; each customer has about 60 events in a year behind",
        {
            "events": EVENTS,
            "state, mean bytes": sum(len(encode(customer)) for customer in shop.customers) // len(shop.customers),
            "mix, percent": ", ".join(f"{name} {share}" for name, share in MIX.items()),
            "rounds": f"best of {ROUNDS}, CPU time",
        },
        _tables(shop, parts, growth, configurations, invoices),
        [
            Goal(
                "events/s on one core, scoring included",
                f">= {GOAL_PER_SECOND:,}",
                f"{best:,}",
                best >= GOAL_PER_SECOND,
            ),
            Goal("cost at 1,000,000 customers beside 10,000", "<= 1.2", f"{flat:.2f}", flat <= 1.2),
        ],
        [f"without reading and writing states, as for a customer in the cache: {round(1e6 / whole_us):,} events/s"],
    )


def _tables(
    shop: Shop,
    parts: Sequence[tuple[str, float, str]],
    growth: Sequence[tuple[int, float]],
    configurations: Sequence[tuple[str, float, str]],
    invoices: wholesale.Result,
) -> list[Table]:
    grown = [(f"{size:,}", us, round(1e6 / us), f"{us / growth[0][1]:.2f}") for size, us in growth]
    return [
        Table("Parts, 10,000 customers", ("part", "CPU us/event", "share of the whole"), parts),
        Table(
            "Growth: states as bytes in a dictionary, customers drawn at random",
            ("customers", "CPU us/event", "events/s on one core", "beside the smallest"),
            grown,
        ),
        Table(
            f"The step with the shipped configuration, and with {SEGMENTS} segments, {TRIGGERS} triggers, "
            f"{OFFERS} offers",
            ("configuration", "CPU us/event", "beside the shipped one"),
            configurations,
        ),
        Table("Shares of the step by cProfile (own time)", ("part", "share"), _profile(shop)),
        Table(
            "Wholesale: two weeks of Online Retail, invoices of some 25 lines, states decoded once an event",
            ("part", "CPU us/event"),
            [(name, value) for name, value in vars(invoices).items() if name.endswith(("_us", "second"))],
        ),
    ]


def _shop() -> Shop:
    plan = wholesale.plan_of(wholesale.ROOT / "config")
    bank = bank_with_model(plan.models["churn"])
    raw = [orjson.dumps(each) for each in later_values(EVENTS, SIZES[0])]
    return Shop(plan, bank, known_customers(TEMPLATES, plan, bank), raw, [_logged(each) for each in raw])


def _logged(raw: bytes) -> bytes:
    event = parse(raw)
    if isinstance(event, Rejected | SourceProgressed):
        raise TypeError(f"{raw!r} is no event")
    return encode_record(event, epoch_ms(event.occurred_at), epoch_ms(event.occurred_at))


def _entry(number: int, record: LogRecord) -> LogEntry:
    event = record.event
    if not isinstance(event, RawEvent):
        raise TypeError("no event of a customer")
    return LogEntry(subject_of(event).key, epoch_ms(record.at), f"b/0/{number}", number, event)


def _template(shop: Shop, entry: LogEntry) -> Customer:
    """The customer who stands for the one of the entry, `c/c000000042`."""
    return shop.customers[int(Subject.of_key(entry.key).id[1:]) % len(shop.customers)]


def _told(outcome: Outcome) -> list[bytes]:
    return [orjson.dumps(each) for each in (*outcome.decisions, *outcome.facts, *outcome.examples, *outcome.baskets)]


def _parts(shop: Shop) -> tuple[list[tuple[str, float, str]], float]:
    entries = [_entry(number, decode_record(value)) for number, value in enumerate(shop.logged)]
    states = [_template(shop, entry) for entry in entries]
    encoded = [encode(state) for state in states]
    pairs = list(zip(states, entries, strict=True))
    outcomes = [step(state, entry, shop.plan, shop.bank) for state, entry in pairs]
    after = [outcome.customer for outcome in outcomes if outcome.customer is not None]
    costs = {
        "read a log record": microseconds(lambda: [decode_record(value) for value in shop.logged], EVENTS),
        "decode a state": microseconds(lambda: [decode(value) for value in encoded], EVENTS),
        "step": microseconds(lambda: [step(s, e, shop.plan, shop.bank) for s, e in pairs], EVENTS),
        "encode a state": microseconds(lambda: [encode(state) for state in after], len(after)),
        "encode what is told": microseconds(lambda: [_told(outcome) for outcome in outcomes], EVENTS),
    }
    whole = sum(costs.values())
    rows = [(name, cost, f"{cost / whole:.0%}") for name, cost in costs.items()]
    rows += [
        ("(collect: parse a raw message)", microseconds(lambda: [parse(raw) for raw in shop.raw], EVENTS), "-"),
    ]
    return rows, whole - costs["decode a state"] - costs["encode a state"]


def _configurations(shop: Shop) -> list[tuple[str, float, str]]:
    """The step by each plan, for customers as they are after a year by it."""
    entries = [_entry(number, decode_record(value)) for number, value in enumerate(shop.logged[:5000])]
    larger = grown(shop.plan)
    customers = known_customers(TEMPLATES // 5, larger, shop.bank)
    plans = {"shipped": shop, "grown": replace(shop, plan=larger, customers=customers)}
    costs = {name: _step_us(each, entries) for name, each in plans.items()}
    return [(name, cost, f"{cost / costs['shipped']:.2f}") for name, cost in costs.items()]


def _step_us(shop: Shop, entries: Sequence[LogEntry]) -> float:
    pairs = [(_template(shop, entry), entry) for entry in entries]
    return microseconds(lambda: [step(s, e, shop.plan, shop.bank) for s, e in pairs], len(pairs))


def _whole_us(shop: Shop, customers: int) -> float:
    """The whole way of an event with that many customers; each event starts from the same states."""
    states = {f"c{number:09d}": value for number, value in enumerate(_encoded(shop, customers))}
    dice = Random(4)
    keys = [f"c{dice.randrange(customers):09d}" for _ in range(EVENTS)]

    def once() -> None:
        for number, (key, value) in enumerate(zip(keys, shop.logged, strict=True)):
            outcome = step(decode(states[key]), _entry(number, decode_record(value)), shop.plan, shop.bank)
            if outcome.customer is not None:
                encode(outcome.customer)
            _told(outcome)

    return microseconds(once, EVENTS, ROUNDS)


def _encoded(shop: Shop, count: int) -> Iterator[bytes]:
    """The states of the templates, over and over, each in bytes of its own."""
    templates = [encode(customer) for customer in shop.customers]
    return (bytes(bytearray(templates[number % len(templates)])) for number in range(count))


def _profile(shop: Shop) -> list[tuple[str, str]]:
    entries = [_entry(number, decode_record(value)) for number, value in enumerate(shop.logged[:5000])]
    profile = cProfile.Profile(time.process_time)
    for entry in entries:
        state = _template(shop, entry)
        profile.runcall(step, state, entry, shop.plan, shop.bank)
    own: dict[str, float] = {}
    for (file, _, _), (_, _, seconds, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        place = Path(file).as_posix()
        part = next((name for name, places in PARTS.items() if any(each in place for each in places)), "the rest")
        own[part] = own.get(part, 0.0) + seconds
    return [(part, f"{own[part] / sum(own.values()):.0%}") for part in sorted(own, key=lambda part: -own[part])]
