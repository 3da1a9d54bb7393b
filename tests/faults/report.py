"""What a fault run showed: kept as one line of JSON, and told as the table in docs/operations.md."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from tests.faults.scenario import Scenario
from tests.faults.verdict import Verdict

HEADER = """\
| date | faults | seeds | events | faults done | records in aborted transactions | exits | lost | wrong | repeated |
| --- | --- | --- | ---: | --- | ---: | --- | ---: | ---: | ---: |"""


@dataclass
class Report:
    """The outcome of one run."""

    scenario: Scenario
    done: list[str] = field(default_factory=list)
    ended: list[tuple[str, int]] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Nothing lost, wrong or repeated."""
        return not self.verdict.differences

    def facts(self) -> dict[str, Any]:
        """What is kept of it."""
        verdict = self.verdict
        return {
            "date": datetime.now(UTC).date().isoformat(),
            "kind": "mixed" if self.scenario.is_mixed else "+".join(self.scenario.faults),
            "seed": self.scenario.seed,
            "done": self.done,
            "exits": sorted({code for _, code in self.ended}),
            "lost": verdict.number("lost"),
            "wrong": verdict.number("wrong") + verdict.number("late"),
            "repeated": verdict.number("repeated"),
            "seconds": self.seconds,
            **verdict.counts,
        }


def table(results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One row for the seeds of each single fault, one for each mixed seed."""
    yield HEADER
    in_order = sorted(results, key=lambda result: (result["kind"] == "mixed", result["kind"], result["seed"]))
    for _, group in groupby(in_order, key=lambda r: (r["kind"], r["seed"] if r["kind"] == "mixed" else None)):
        yield _row(list(group))


def _row(runs: list[Mapping[str, Any]]) -> str:
    def total(name: str) -> str:
        return f"{sum(run[name] for run in runs):,}"

    what = Counter(re.sub(r" \[.*?\]", "", done) for run in runs for done in run["done"])
    done = ", ".join(f"{count} x {name}" if count > 1 else name for name, count in what.items())
    seeds = ", ".join(str(run["seed"]) for run in runs)
    exits = ", ".join(map(str, sorted({code for run in runs for code in run["exits"]}))) or "none"
    numbers = [total(name) for name in ("lost", "wrong", "repeated")]
    cells = [runs[-1]["date"], runs[0]["kind"], seeds, total("events"), done, total("aborted"), exits, *numbers]
    return "| " + " | ".join(cells) + " |"


def read_results(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Results that were kept; of a seed that was run more than once, the last."""
    lines = [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    return list({(line["kind"], line["seed"]): line for line in lines}.values())


if __name__ == "__main__":
    print("\n".join(table(read_results(map(Path, sys.argv[1:])))))
