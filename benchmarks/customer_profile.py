"""What the customer's profile costs an event: RFM, lifetime value, engagement, and what a customer likes."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any, NamedTuple

from benchmarks import wholesale
from benchmarks.core.model import bank_with_model
from benchmarks.core.shop import known_customers, later_values
from benchmarks.declared_features import costs_of, entry_of
from benchmarks.result import Result, Table, spread
from streamproc.customer.codec import encode
from streamproc.customer.profile_settings import ProfileSettings
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS
from streamproc.models.config import ModelSettings
from streamproc.models.releases.bank import ModelBank

CUSTOMERS, EVENTS, ROUNDS, BEHIND = 200, 1_000, 5, 10
FIGURES = ShopFigures(
    "rfm-1",
    tuple(days * DAY_MS for days in (14, 40, 90, 180)),
    (1, 2, 3, 6),
    tuple(pounds * MICROS for pounds in (50, 150, 400, 1_000)),
    2.5,
    60 * MICROS,
)
BY_RFM: list[dict[str, Any]] = [{"feature": "rfm_group", "one_of": ["champions", "loyal"]}]
BY_ALL: list[dict[str, Any]] = [{"feature": "clv", "above": 100}, {"feature": "engagement", "above": 20}]
BY_LIKES: list[dict[str, Any]] = [
    {"feature": "favourite_category", "equals": "garden"},
    {"feature": "price_sensitivity", "above": 1.5},
]


class Case(NamedTuple):
    """One configuration, and what is released under it."""

    name: str
    plan: Plan
    bank: ModelBank


def cases() -> list[Case]:
    """From nothing of the profile to all of it, segments that ask for it included."""
    shipped = wholesale.plan_of(wholesale.ROOT / "config")
    bank = bank_with_model(shipped.models["churn"])
    tables = {name: each for name, each in shipped.models.predictions.items() if name != "rfm"}
    known = replace(bank, figures=FIGURES)
    keeping = ProfileSettings.model_validate({"interests": {"keep": ["category", "device", "price"]}})
    liking = replace(_asking(shipped, BY_RFM, BY_ALL, BY_LIKES), profile=keeping)
    return [
        Case("nothing", replace(shipped, models=ModelSettings.model_validate(tables)), bank),
        Case("customers are sampled (as shipped)", shipped, bank),
        Case("and a segment asks for the RFM group", _asking(shipped, BY_RFM), known),
        Case("and one for clv and engagement", _asking(shipped, BY_RFM, BY_ALL), known),
        Case("and likes are kept and asked for", liking, known),
    ]


def _asking(plan: Plan, *conditions: Sequence[dict[str, Any]]) -> Plan:
    blocks = [{"name": f"s{number}", "where": list(where)} for number, where in enumerate(conditions)]
    return replace(plan, segments=SegmentSettings.model_validate({"segment": blocks}))


def run() -> Result:
    """The benchmark `customer_profile`: the plans take turns, and each round's ratios are to the plan without any."""
    entries = [entry_of(number, values) for number, values in enumerate(later_values(EVENTS, CUSTOMERS))]
    compared = cases()
    states = [known_customers(CUSTOMERS, each.plan, each.bank, BEHIND) for each in compared]
    rounds = [
        [costs_of(each.plan, each.bank, known, entries)[1] for each, known in zip(compared, states, strict=True)]
        for _ in range(ROUNDS)
    ]
    return Result(
        "customer_profile",
        "Decode the state, decide and encode the state, with more and more of the customer's profile; the "
        "mix of a consumer shop",
        {"events": EVENTS, "customers": CUSTOMERS, "rounds": ROUNDS},
        [Table("Beside nothing", ("profile", "the whole", "state, bytes (median)"), _rows(compared, rounds, states))],
    )


def _rows(
    compared: Sequence[Case], rounds: Sequence[Sequence[float]], states: Sequence[Sequence[Customer]]
) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for place, (each, known) in enumerate(zip(compared, states, strict=True)):
        ratios = [costs[place] / costs[0] for costs in rounds]
        rows.append((each.name, spread(ratios, 2), round(median(len(encode(customer)) for customer in known))))
    return rows
