"""The benchmark `learners`: what each learner costs by example and by score, and what a forest would cost instead."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from benchmarks.result import Result, Table
from benchmarks.timing import microseconds
from streamproc.customer.features import FEATURES
from streamproc.models.learners import LEARNERS
from streamproc.models.releases.snapshots import pack

EXAMPLES, FEATURE_COUNT, TREES = 2_000, 15, 10
NAMES = sorted(FEATURES)[:FEATURE_COUNT]
Example = tuple[dict[str, float], float]


class Cost(NamedTuple):
    """CPU of one example and of one score, in microseconds, and what a released version takes, in bytes."""

    learner: str
    learn: float
    score: float
    size: int


def run() -> Result:
    """Teach each learner the same examples, then score with it."""
    examples = list(made_up())
    costs = [_of_learner(name, examples) for name in sorted(LEARNERS)]
    costs.append(_of_forest(examples))
    return Result(
        "learners",
        f"{EXAMPLES:,} examples of {FEATURE_COUNT} features; the best of five rounds",
        {},
        [
            Table(
                "CPU",
                ("learner", "learn, us", "score with reasons, us", "a version, bytes"),
                [(each.learner, each.learn, each.score, each.size) for each in costs],
            )
        ],
        notes=["The forest gives no reasons, and its version is a pickle, which streamproc would not read."],
    )


def made_up(seed: int = 1) -> Iterator[Example]:
    """Who has more of the first feature answers 1 more often."""
    dice = Random(seed)
    for _ in range(EXAMPLES):
        features = {name: dice.uniform(0, 5) for name in NAMES}
        yield features, float(features[NAMES[0]] + dice.gauss(0, 1) > 2.5)


def _of_learner(name: str, examples: list[Example]) -> Cost:
    learner = LEARNERS[name].model_validate({"kind": name})
    model = learner.new_model()
    learn = _each(examples, lambda features, label: learner.learn(model, features, label))
    scorer = learner.scorer(model)
    return Cost(name, learn, _each(examples, lambda features, _: scorer.score(features)), len(pack(model)))


def _of_forest(examples: list[Example]) -> Cost:
    from river.forest import ARFClassifier  # noqa: PLC0415  it loads all of SciPy

    forest = ARFClassifier(n_models=TREES, seed=1)
    learn = _each(examples, lambda features, label: forest.learn_one(features, bool(label)), rounds=1)
    score = _each(examples, lambda features, _: forest.predict_proba_one(features), rounds=1)
    return Cost(f"River's adaptive forest of {TREES} trees", learn, score, len(pickle.dumps(forest)))


def _each(examples: list[Example], do: Callable[[Mapping[str, float], float], Any], rounds: int = 5) -> float:
    def work() -> None:
        for features, label in examples:
            do(features, label)

    return microseconds(work, len(examples), rounds)
