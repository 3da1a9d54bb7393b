"""CPU time per item, the best of several rounds (machines are shared and noisy)."""

import time
from collections.abc import Callable

ROUNDS = 5


def microseconds(work: Callable[[], object], items: int, rounds: int = ROUNDS) -> float:
    """CPU microseconds per item of `work`, which does `items` of them."""
    best = min(_once(work) for _ in range(rounds))
    return round(best / items * 1e6, 2)


def _once(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
