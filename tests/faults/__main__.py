"""Fault runs one after the other, for the table in docs/operations.md: `python -m tests.faults --help`."""

import argparse
import shutil
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.run import Scenario, mixed, run, single
from tests.faults.switches import BREAKING, Switches
from tests.kafka_broker import Kafka, kafka_for_tests


def scenarios(wanted: argparse.Namespace) -> list[Scenario]:
    """What the arguments ask for."""
    names = list(FAULTS) if wanted.fault == ["all"] else wanted.fault
    switches = Switches(0.15, pause_guard=False, broken=wanted.broken) if wanted.broken else None
    chosen = [single(name, seed, switches) for name in names for seed in wanted.seeds]
    return chosen or [mixed(seed) for seed in wanted.seeds]


def main() -> int:
    """Run them; the exit code is the number of runs that were not exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", nargs="*", default=[], help=f"alone: all, or some of {', '.join(FAULTS)}")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--broken", choices=BREAKING, help="break the promise on purpose")
    parser.add_argument("--evidence", type=Path, default=Path("fault-evidence"))
    wanted = parser.parse_args()
    failed = 0
    with kafka_for_tests() as kafka:
        for scenario in scenarios(wanted):
            failed += not _one(kafka, wanted.evidence.resolve() / scenario.name, scenario)
    return failed


def _one(kafka: Kafka, folder: Path, scenario: Scenario) -> bool:
    today = datetime.now(UTC).date()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        report = run(kafka, folder, scenario)
    except Exception:  # noqa: BLE001  the next one is run all the same
        traceback.print_exc()
        print(f"| {today} | {scenario.name} | not finished: evidence in {folder} |", flush=True)
        return False
    print(f"| {today} {report.row()} {report.seconds} {report.verdict.counts}", flush=True)
    if report.is_exact:
        shutil.rmtree(folder, ignore_errors=True)
    return report.is_exact


if __name__ == "__main__":
    sys.exit(main())
