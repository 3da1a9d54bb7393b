"""What offers that rank products cost: all of deciding on an event, with one and without; and what they rank by."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median

import orjson

from benchmarks import wholesale
from benchmarks.core.model import KEY
from benchmarks.core.shop import known_customers, later_values
from benchmarks.result import Result, Table, spread
from benchmarks.timing import microseconds
from streamproc.customer.codec import decode, encode
from streamproc.customer.state import Customer
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import Plan
from streamproc.decide.policy import PolicySettings
from streamproc.decide.step import step
from streamproc.events.log import LogEntry, ModelReleased
from streamproc.events.raw import RAW
from streamproc.events.source import SourceProgressed
from streamproc.events.subject import Subject, subject_of
from streamproc.events.times import epoch_ms, from_epoch_ms
from streamproc.events.training import Basket
from streamproc.learn.learner import new_learner
from streamproc.models.config import ModelSettings
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.tables.online_retail import import_online_retail

NAME = "for_you"
OFFER = {"id": NAME, "content": "Chosen for you", "cool_down_days": 0}
RANKED = {"rank": NAME, "products": 3}
COLUMNS = ("events", "without, us", "with, us", "ratio", "state, bytes")
CUSTOMERS, EVENTS, ORDERS, ROUNDS = 500, 5_000, 500, 7


@dataclass(frozen=True)
class Case:
    """A plan, its models, and the customers right before some events, as bytes."""

    plan: Plan
    bank: ModelBank
    events: Sequence[tuple[bytes | None, LogEntry]]

    def decide(self) -> list[int]:
        """Read each customer, decide, and write the customer; gives how long the states are."""
        sizes = []
        for raw, entry in self.events:
            outcome = step(decode(raw) if raw else None, entry, self.plan, self.bank)
            if outcome.customer is not None:
                sizes.append(len(encode(outcome.customer)))
        return sizes


def plans() -> tuple[Plan, Plan]:
    """The shipped plan where each order gets an offer, and the same whose only offer ranks products."""
    shipped = wholesale.plan_of(wholesale.ROOT / "config")
    models = shipped.models.model_dump(mode="json")
    allowed = PolicySettings.model_validate({"consent": {"marketing": "allow"}})
    found = []
    for offer, more in ((OFFER, []), (OFFER | RANKED, [NAME])):
        offers = OfferSettings.model_validate({"policy": {"on": ["order_placed"]}, "offer": [offer]})
        learned = ModelSettings.model_validate({**models, **{name: {} for name in more}})
        found.append(replace(shipped, policy=allowed, offers=offers, models=learned).by_definition())
    return found[0], found[1]


def release(plan: Plan, baskets: Sequence[Basket]) -> ModelReleased:
    """The copy that learn would release after these baskets."""
    prediction = plan.predictions[NAME]
    learner = new_learner(NAME, prediction)
    for basket in baskets:
        learner.learn(basket, prediction, KEY)
    snapshot = pack(prediction.released(learner.model))
    return ModelReleased(
        model=NAME,
        version=NAME,
        snapshot=snapshot,
        signature=sign(NAME, NAME, snapshot, KEY),
        trained_through=from_epoch_ms(0),
        examples=len(baskets),
    )


def consumers(plan: Plan, bank: ModelBank) -> list[tuple[bytes | None, LogEntry]]:
    """A consumer shop's mix of events, of customers with a year behind them."""
    known = [encode(customer) for customer in known_customers(CUSTOMERS, plan, bank)]
    entries = [_entry(number, values) for number, values in enumerate(later_values(EVENTS, CUSTOMERS))]
    return [(known[int(Subject.of_key(entry.key).id[1:]) % len(known)], entry) for entry in entries]


def invoices() -> list[LogEntry]:
    """Those of a quarter of Online Retail, some 20 products each."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "orders.jsonl")
        data = wholesale.ROOT / "data" / "online_retail.csv.gz"
        import_online_retail(data, dump, lambda _: None, first_day=date(2011, 9, 1), last_day=date(2011, 11, 20))
        raw = [record.value or b"" for record in read_dump(dump)]
    wanted = [value for value in raw if b'"customer_id"' in value and b'"order_placed"' in value]
    return [_entry(number, orjson.loads(value)) for number, value in enumerate(wanted)]


def wholesalers(
    plan: Plan, bank: ModelBank, entries: Sequence[LogEntry]
) -> tuple[list[tuple[bytes | None, LogEntry]], list[Basket]]:
    """The last of the invoices with their customers right before them, and all baskets until then."""
    states: dict[str, Customer | None] = {}
    events: list[tuple[bytes | None, LogEntry]] = []
    baskets: list[Basket] = []
    for entry in entries:
        before = states.get(entry.key)
        events.append((encode(before) if before else None, entry))
        outcome = step(before, entry, plan, bank)
        states[entry.key] = outcome.customer
        baskets += outcome.baskets
    return events[-ORDERS:], baskets[:-ORDERS]


def run() -> Result:
    """The benchmark `for_you`: the plans take turns, and each round's ratio is to the plan without ranked products."""
    without, ranking = plans()
    banks, entries = [ModelBank(KEY, plan.predictions) for plan in (without, ranking)], invoices()
    baskets = wholesalers(ranking, banks[1], entries)[1]
    copy = release(ranking, baskets)
    banks[1] = banks[1].with_release(copy)
    both = list(zip((without, ranking), banks, strict=True))
    cases = {
        "a consumer shop's mix": [Case(*each, consumers(*each)) for each in both],
        "invoices of a wholesaler": [Case(*each, wholesalers(*each, entries)[0]) for each in both],
    }
    use_ms = microseconds(lambda: banks[1].with_release(copy), 1) / 1_000
    return Result(
        "for_you",
        "Decode the state, decide and encode the state, where each order gets an offer: of nothing, or of "
        "products that are ranked",
        {"events": EVENTS, "invoices": ORDERS, "rounds": ROUNDS, "baskets learned": len(baskets)},
        [
            Table(
                "CPU",
                ("events", "without, us", "with, us", "ratio", "state, bytes"),
                [_row(*each) for each in cases.items()],
            )
        ],
        notes=[f"a copy has {len(copy.snapshot):,} bytes, and is ready to rank after {use_ms:.0f} ms"],
    )


def _row(name: str, cases: Sequence[Case]) -> Sequence[str | float]:
    count = len(cases[0].events)
    rounds = [[microseconds(case.decide, count, 1) for case in cases] for _ in range(ROUNDS)]
    ratios = [costs[1] / costs[0] for costs in rounds]
    sizes = " to ".join(f"{median(case.decide()):,.0f}" for case in cases)
    return name, *(median(costs[place] for costs in rounds) for place in (0, 1)), spread(ratios, 2), sizes


def _entry(number: int, values: dict[str, object]) -> LogEntry:
    event = RAW.validate_python(values, strict=False)
    if isinstance(event, SourceProgressed):
        raise TypeError("not an event of a shop")
    return LogEntry(subject_of(event).key, epoch_ms(event.occurred_at), f"b/0/{number}", number, event)
