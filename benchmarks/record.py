"""The results of the last run of each benchmark, as one JSON file and one page."""

import json
import os
import platform
import re
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.lab import ROOT
from benchmarks.page import as_page
from benchmarks.result import Result

RESULTS = ROOT / "benchmarks" / "results"


def keep(result: Result) -> Path:
    """Put a result beside the last ones of the other benchmarks; returns the page."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "result.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    kept[result.name] = asdict(result) | {"at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "on": machine()}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    page = RESULTS / "report.html"
    page.write_text(as_page(kept))
    return page


def machine() -> str:
    """What it ran on, and which version of the code."""
    cpu = re.search(r"^model name\s+: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return (
        f"{os.cpu_count()} cores of {cpu[1] if cpu else platform.machine()}, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, commit {commit.stdout.strip() or 'unknown'}"
    )
