"""The collector of cyclic garbage in a worker."""

import subprocess
import sys

CALMED = """
import gc, weakref
from streamproc.runtime.worker.garbage import THRESHOLDS, calm_collector
passes = []
gc.callbacks.append(lambda phase, info: passes.append(info["generation"]) if phase == "start" else None)
calm_collector()
passes.clear()
{work}
"""


def run(work: str) -> str:
    done = subprocess.run([sys.executable, "-c", CALMED.format(work=work)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_states_do_not_keep_the_collector_busy() -> None:
    assert run("states = [{'count': [number]} for number in range(200_000)]; print(len(passes) <= 6)") == "True"


def test_cycles_are_still_found() -> None:
    work = """
class Knot: pass
def tie():
    knot = Knot(); knot.itself = knot
    return weakref.ref(knot)
first = tie()
kept = [[] for _ in range(2 * THRESHOLDS[0])]
print(first() is None)
"""
    assert run(work) == "True"
