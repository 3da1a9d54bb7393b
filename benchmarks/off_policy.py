"""The benchmark `off_policy`: how often the intervals of off-policy estimates hold the truth, where it is known.

A bandit of four situations and five actions with known chances of reward, logged by one policy and valued for another,
again and again; each interval says 95 %. A thousand runs, so that chance moves the share by 0.7 points, not by 1.3 as
in three hundred.
"""

from statistics import fmean, pstdev
from time import process_time

from benchmarks.result import Goal, Result, Table
from streamproc.offline.backtest.off_policy.value import PolicyValue, value_of
from tests.offline.backtest.bandit import bandit

RUNS, DECISIONS = 1_000, 4_000
ESTIMATORS = ("ips", "snips", "direct", "doubly_robust", "switched")
LEAST, MOST = 0.93, 0.97


def run() -> Result:
    """Value the policy in each run, and count."""
    world, began = bandit(), process_time()
    values = [value_of(*world.play(DECISIONS, seed)) for seed in range(RUNS)]
    seconds = (process_time() - began) / RUNS
    covered = {name: _covered(values, name, world.truth) for name in (*ESTIMATORS, "bound")}
    return Result(
        "off_policy",
        f"{RUNS:,} logs of {DECISIONS:,} decisions; the policy valued is worth {world.truth:.4f}",
        {"effective sample size": round(fmean(value.effective for value in values)), "CPU of one, s": f"{seconds:.2f}"},
        [
            Table(
                "Of the intervals",
                ("estimator", "hold the truth, %", "mean error", "standard deviation"),
                [(name, f"{covered[name] * 100:.1f}", *_errors(values, name, world.truth)) for name in ESTIMATORS],
            )
        ],
        [
            *(_goal(f"interval of {name}", covered[name], LEAST, MOST) for name in ESTIMATORS),
            _goal("bound of ips", covered["bound"], 0.95, 1.0),
        ],
    )


def _goal(what: str, share: float, least: float, most: float) -> Goal:
    return Goal(f"{what} holds the truth", f"{least:.0%} to {most:.0%}", f"{share:.1%}", least <= share <= most)


def _covered(values: list[PolicyValue], name: str, truth: float) -> float:
    found = [getattr(value, name) for value in values]
    return fmean(each.low <= truth <= each.high for each in found)


def _errors(values: list[PolicyValue], name: str, truth: float) -> tuple[str, str]:
    errors = [getattr(value, name).value - truth for value in values]
    return f"{fmean(errors):+.4f}", f"{pstdev(errors):.4f}"
