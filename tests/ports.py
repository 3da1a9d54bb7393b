"""Ports for what tests start: each process of pytest-xdist draws from a part of its own.

Against a broker that is killed and comes back to find another test's broker on its port.
"""

import os

from streamproc.broker.ports import CANDIDATES, is_free


def own_ports() -> range:
    """The ports of this process: all, or its share of them."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(CANDIDATES) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return CANDIDATES[number * share : (number + 1) * share]


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    mine = own_ports()
    for first in range(mine.start, mine.stop - count, count):
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise AssertionError(f"no {count} free ports in a row from {mine.start} to {mine.stop}")
