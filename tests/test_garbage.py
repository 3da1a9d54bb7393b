"""The collector of cyclic garbage in a worker and in a replay."""

import gc
import subprocess
import sys

from streamproc.garbage import THRESHOLDS, calmed_collector

CALMED = """
import gc, weakref
from streamproc.garbage import THRESHOLDS, calm_collector
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


def test_behind_a_block_it_is_as_it_was() -> None:
    before = gc.get_threshold()
    with calmed_collector():
        assert gc.get_threshold() == THRESHOLDS
    assert gc.get_threshold() == before
