"""The benchmark `offers`: what policies of offers lose to who knows every customer's taste, over a simulated year.

The same years for all of them: the same customers, orders and luck. Regret is what the best offer for the customer
would have brought more, on average, added up over the year.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from os import cpu_count
from statistics import mean, stdev
from typing import Any

from benchmarks.lab import ROOT
from benchmarks.record import RESULTS
from benchmarks.regret_picture import draw
from benchmarks.result import Goal, Result, Table
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import Plan, TriggerSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.models.config import ModelSettings
from streamproc.offline.synthetic.offers import simulate
from streamproc.offline.synthetic.taste import ALIKE, PERSONAL, Truth

SEEDS = 20
CHOICES = 1500
MODEL = {"model": "offer_reward"}
POLICIES: Mapping[str, dict[str, Any]] = {
    "at random": {"kind": "epsilon_greedy", "epsilon": 1.0},
    "epsilon-greedy by the shop's word": {"kind": "epsilon_greedy", "epsilon": 0.1},
    "epsilon-greedy, learned": {"kind": "epsilon_greedy", "epsilon": 0.1} | MODEL,
    "softmax, learned": {"kind": "softmax", "temperature": 0.05} | MODEL,
    "thompson": {"kind": "thompson"} | MODEL,
    "lin_ucb": {"kind": "lin_ucb", "explore": 0.02} | MODEL,
}
BY_WORD, LEARNED = tuple(POLICIES)[1], tuple(POLICIES)[2:]
TRUTHS: Mapping[str, Truth] = {"each offer has its friends": PERSONAL, "all like the same": ALIKE}
REWARD = {
    "click": 1.0,
    "order": 0.0,
    "horizon_days": 3,
    "lateness_hours": 0,
    "release_every": 50,
    "features": ["log_mean_order_value", "log_views_7d"],
}
T_95 = 2.093
"""Student's t with 19 degrees of freedom, for an interval of 95 % over 20 seeds."""


@dataclass(frozen=True)
class Year:
    """What a policy did in one year: the regret after each choice, its rewards, and the best single offer's chances."""

    regret: Sequence[float]
    chances: float
    single: float
    best: float


def run() -> Result:
    """All policies over all years, of both truths."""
    with ProcessPoolExecutor(cpu_count()) as pool:
        years = {
            (truth, policy): list(pool.map(year, [truth] * SEEDS, [policy] * SEEDS, range(SEEDS)))
            for truth in TRUTHS
            for policy in POLICIES
        }
    tables = [_table(truth, {policy: years[truth, policy] for policy in POLICIES}) for truth in TRUTHS]
    personal = next(iter(TRUTHS))
    found = {policy: mean(each.regret[-1] for each in years[personal, policy]) for policy in POLICIES}
    goals = [
        Goal(f"regret of {policy} beside the shop's word", "< 0.50", f"{found[policy] / found[BY_WORD]:.2f}", met)
        for policy in LEARNED
        for met in [found[policy] < found[BY_WORD] / 2]
    ]
    picture = RESULTS / "offers.svg"
    draw(
        picture,
        f"Regret where {personal}",
        {policy: [each.regret for each in years[personal, policy]] for policy in POLICIES},
    )
    return Result(
        "offers",
        f"{CHOICES:,} choices among 6 offers in a simulated year of 200 customers, {SEEDS} seeds",
        {"releases": f"every {REWARD['release_every']} answered offers"},
        tables,
        goals,
        [f"picture: {picture.relative_to(ROOT)}"],
    )


def year(truth: str, policy: str, seed: int, choices: int = CHOICES) -> Year:
    """One policy in one year."""
    done = list(simulate(plan_of(POLICIES[policy], TRUTHS[truth]), TRUTHS[truth], seed, choices))
    return Year(
        list(accumulate(each.regret for each in done)),
        mean(each.chance for each in done),
        mean(each.single for each in done),
        mean(each.best for each in done),
    )


def plan_of(policy: dict[str, Any], truth: Truth) -> Plan:
    """A plan that does nothing but choose offers; the shop believes in its pet idea."""
    offers = [
        {"id": name, "content": name, "cool_down_days": 0, "expected_reward": 0.3 if name == "pet_idea" else 0.1}
        for name in truth
    ]
    return Plan(
        TriggerSettings(),
        OfferSettings.model_validate({"policy": policy, "offer": offers}),
        SegmentSettings(),
        PolicySettings.model_validate({"consent": {"marketing": "allow"}}),
        ModelSettings.model_validate({"offer_reward": REWARD}),
    )


def _table(truth: str, years: Mapping[str, Sequence[Year]]) -> Table:
    first = next(iter(years.values()))
    rows: list[tuple[str, str, str, str]] = []
    for policy, done in years.items():
        last = [each.regret[-1] for each in done]
        late = [each.regret[-1] - each.regret[-CHOICES // 4] for each in done]
        rows.append((policy, interval(last), interval(late), interval([1000 * each.chances for each in done])))
    single, best = (1000 * mean(values) for values in ([y.single for y in first], [y.best for y in first]))
    title = (
        f"Where {truth}: always the best single offer brings {single:.0f} for 1,000, who knows every taste {best:.0f}"
    )
    return Table(title, ("policy", "regret of the year", "of its last quarter", "clicks for 1,000 offers"), rows)


def interval(values: Sequence[float]) -> str:
    """The mean over the seeds, with its interval of 95 %."""
    return f"{mean(values):.1f} ± {T_95 * stdev(values) / sqrt(len(values)):.1f}"
