"""How long partitions stood still while a group changed: from an owner's last commit to the next owner's first one.

Workers print both (`switches.Telling`), with the monotonic clock, which all processes of a machine share.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from tests.faults.setting import Setting

PATIENCE_SECONDS = 20.0
SAID = re.compile(r"^(left|began) (\S+-\d+) at (\d+\.\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Standstill:
    """One partition that nobody committed to for a while, and whether another worker went on with it."""

    partition: str
    seconds: float
    moved: bool


def standstills(folder: Path, stage: str, since: float) -> list[Standstill]:
    """Those of a stage that ended after `since` (monotonic seconds), by what its workers have printed."""
    said: dict[str, list[tuple[float, str, str]]] = {}
    for output in folder.glob(f"{stage}-*/output-*.txt"):
        for what, partition, at in SAID.findall(output.read_text(errors="replace")):
            said.setdefault(partition, []).append((float(at), what, output.parent.name))
    return [
        Standstill(partition, began - left, moved=one != other)
        for partition, lines in sorted(said.items())
        for (left, first, one), (began, second, other) in pairwise(sorted(lines))
        if (first, second) == ("left", "began") and began > since
    ]


def told_of_standstills(setting: Setting, stage: str, since: float) -> str:
    """How long its partitions stood still, in words; of those that have nothing more to do, nothing is known."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = standstills(setting.folder, stage, since)
        if len(found) >= setting.owned_by(stage) or time.monotonic() > deadline:
            return in_words(found)
        time.sleep(0.2)


def in_words(found: Sequence[Standstill]) -> str:
    """Median and longest, of those that moved and of those that stayed."""
    parts = []
    for name, moved in (("moved", True), ("stayed", False)):
        seconds = [each.seconds for each in found if each.moved == moved]
        if seconds:
            parts.append(f"{len(seconds)} {name}: still for {median(seconds):.2f} s, at most {max(seconds):.2f} s")
    return ", ".join(parts)
