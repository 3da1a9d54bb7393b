"""Fault runs one after the other, a line each: `make test-faults SEED=1`.

`python -m tests.faults.report build/faults/results.jsonl` makes the table in docs/operations.md of them.
"""

import argparse
import logging
import shutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

import orjson

from tests.faults.faults import FAULTS
from tests.faults.report import table
from tests.faults.run import run
from tests.faults.scenario import Scenario, broken, mixed, single
from tests.faults.switches import HOW_TO_BREAK
from tests.kafka_broker import Kafka, kafka_for_tests

EVIDENCE = Path("build/faults")


def scenarios(wanted: argparse.Namespace) -> list[Scenario]:
    """What the arguments ask for: a fault alone if one is named, else mixed ones."""
    seeds = [*wanted.seed, *(SystemRandom().randrange(1_000_000) for _ in range(wanted.random))]
    names = FAULTS if wanted.faults == "all" else [name for name in wanted.faults.split(",") if name]
    if unknown := set(names) - set(FAULTS):
        raise SystemExit(f"no fault {', '.join(unknown)}; there are: {', '.join(FAULTS)}")
    if wanted.broken:
        return [broken(wanted.broken, seed) for seed in seeds]
    return [single(name, seed) for name in names for seed in seeds] or [mixed(seed) for seed in seeds]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them; the exit code is 1 if one was not exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", nargs="*", default=[], type=int, help="these seeds")
    parser.add_argument("--random", default=0, type=int, help="so many random ones")
    parser.add_argument("--faults", default="", help=f"alone: all, or some of {','.join(FAULTS)}; else mixed")
    parser.add_argument("--broken", choices=HOW_TO_BREAK, help="break the promise on purpose")
    parser.add_argument("--evidence", type=Path, default=EVIDENCE, help="where runs that are not exact are kept")
    wanted = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with kafka_for_tests() as kafka:
        exact = [is_exact(kafka, wanted.evidence.resolve(), scenario) for scenario in scenarios(wanted)]
    return 0 if all(exact) else 1


def is_exact(kafka: Kafka, evidence: Path, scenario: Scenario) -> bool:
    """Run one, print its line, and keep its folder if something is wrong."""
    folder = evidence / scenario.name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        report = run(kafka, folder, scenario)
    except Exception:  # noqa: BLE001  the next one is run all the same
        traceback.print_exc()
        print(f"| {scenario.name} | broke off: see {folder}; again: {scenario.again} |", flush=True)
        return False
    facts = report.facts()
    with (evidence / "results.jsonl").open("ab") as results:
        results.write(orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE))
    print("\n".join(list(table([facts]))[1:]), f"\n  {report.seconds} {report.verdict.counts}", flush=True)
    if report.is_exact:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  differences and dumped topics are in {folder}; again: {scenario.again}", flush=True)
    return report.is_exact


if __name__ == "__main__":
    sys.exit(main())
