"""The benchmark `off_policy`: how often the intervals of off-policy estimates hold the truth, where it is known.

A bandit of four situations and five actions with known chances of reward, logged by one policy and valued for another,
again and again; each interval says 95 %. A thousand runs, so that chance moves the share by 0.7 points, not by 1.3 as
in three hundred. Then ways to choose offers by what a model expected, over logs of simulated shops that learn by
another way; how likely each customer clicks on each offer only the simulation knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import fmean, pstdev
from time import process_time

from benchmarks.offers import MODEL, POLICIES, plan_of
from benchmarks.result import Goal, Result, Table
from streamproc.decide.offer_policies import OfferPolicy
from streamproc.offline.backtest.learned_policies import over_expected
from streamproc.offline.backtest.off_policy.value import PolicyValue, value_of
from streamproc.offline.backtest.offer_policies import LoggedOffers
from streamproc.offline.synthetic.offers import simulate
from streamproc.offline.synthetic.taste import PERSONAL
from tests.offline.backtest.bandit import bandit

RUNS, DECISIONS = 1_000, 4_000
ESTIMATORS = ("ips", "snips", "direct", "doubly_robust", "switched")
LEAST, MOST = 0.93, 0.97
SHOPS, CHOICES, LEAST_OF_SHOPS = 100, 600, 0.90
BY = {"kind": "softmax", "temperature": 0.1, "explore": 0.2} | MODEL
"""How the simulated shops choose."""


def run() -> Result:
    """Value the policy in each run, and count."""
    world, began = bandit(), process_time()
    values = [value_of(*world.play(DECISIONS, seed)) for seed in range(RUNS)]
    seconds = (process_time() - began) / RUNS
    covered = {name: _covered(values, name, world.truth) for name in (*ESTIMATORS, "bound")}
    years = [of_simulated_year(seed, CHOICES) for seed in range(SHOPS)]
    shops = {label: [found[label] for found in years] for label in years[0]}
    return Result(
        "off_policy",
        f"{RUNS:,} logs of {DECISIONS:,} decisions; the policy valued is worth {world.truth:.4f}",
        {"effective sample size": round(fmean(value.effective for value in values)), "CPU of one, s": f"{seconds:.2f}"},
        [
            Table(
                "Of the intervals",
                ("estimator", "hold the truth, %", "mean error", "standard deviation"),
                [(name, f"{covered[name] * 100:.1f}", *_errors(values, name, world.truth)) for name in ESTIMATORS],
            ),
            Table(
                f"Of {SHOPS} simulated shops of {CHOICES} choices by {BY['kind']}, another way by the same model",
                ("way", "earns", "IPS, %", "SNIPS, %", "doubly robust, %"),
                [_row(label, found) for label, found in shops.items()],
            ),
        ],
        [
            *(_goal(f"interval of {name}", covered[name], LEAST, MOST) for name in ESTIMATORS),
            _goal("bound of ips", covered["bound"], 0.95, 1.0),
            *(
                _goal(f"doubly robust interval of {label}", _held(found, "doubly_robust"), LEAST_OF_SHOPS, 1.0)
                for label, found in shops.items()
            ),
        ],
    )


def learned_policies() -> list[OfferPolicy]:
    """The ways that are valued on logs of another one."""
    ways = ("epsilon-greedy, learned", "thompson", "lin_ucb")
    return [OfferPolicy.read(POLICIES[way]) for way in ways]


def of_simulated_year(seed: int, choices: int) -> Mapping[str, tuple[PolicyValue, float]]:
    """Of each way by its label: its value by the log of a simulated shop, and what it would have earned there."""
    plan = plan_of(BY, PERSONAL)
    done = list(simulate(plan, PERSONAL, seed, choices))
    log = LoggedOffers([asdict(each.decision) for each in done], [each.reward for each in done])
    found = {}
    for way in learned_policies():
        policy = over_expected(way, plan.offers.by_id)
        earned = [
            sum(chance * each.chances[offer] for offer, chance in policy(decision).items())
            for each, decision in zip(done, log.decisions, strict=True)
        ]
        found[way.label] = value_of(log.log, log.under(way.label, policy)), fmean(earned)
    return found


def _row(label: str, found: Sequence[tuple[PolicyValue, float]]) -> tuple[str, ...]:
    shares = [f"{_held(found, name) * 100:.0f}" for name in ("ips", "snips", "doubly_robust")]
    return (label, f"{fmean(truth for _, truth in found):.3f}", *shares)


def _held(found: Sequence[tuple[PolicyValue, float]], name: str) -> float:
    """In which share of the shops the interval holds what the way would have earned; what is refused holds nothing."""
    estimates = [(getattr(value, name), truth) for value, truth in found]
    return fmean(bool(each and each.low <= truth <= each.high) for each, truth in estimates)


def _goal(what: str, share: float, least: float, most: float) -> Goal:
    return Goal(f"{what} holds the truth", f"{least:.0%} to {most:.0%}", f"{share:.1%}", least <= share <= most)


def _covered(values: list[PolicyValue], name: str, truth: float) -> float:
    found = [getattr(value, name) for value in values]
    return fmean(each.low <= truth <= each.high for each in found)


def _errors(values: list[PolicyValue], name: str, truth: float) -> tuple[str, str]:
    errors = [getattr(value, name).value - truth for value in values]
    return f"{fmean(errors):+.4f}", f"{pstdev(errors):.4f}"
