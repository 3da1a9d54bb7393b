"""All benchmarks by name."""

from collections.abc import Callable

from benchmarks import (
    customer_profile,
    dead_letters,
    declared_features,
    for_you,
    learners,
    off_policy,
    offers,
    quiet,
    tolerance,
)
from benchmarks.core import run as core
from benchmarks.lab import Lab
from benchmarks.live import latency, memory, recovery, restart, whole_way
from benchmarks.peers import run as peers
from benchmarks.result import Result

WITH_KAFKA: dict[str, Callable[[Lab], Result]] = {
    "peers": peers.run,
    "recovery": recovery.run,
    "restart": restart.run,
    "latency": latency.run,
    "memory": memory.run,
    "whole_way": whole_way.run,
}
WITHOUT_KAFKA: dict[str, Callable[[], Result]] = {
    "core": core.run,
    "declared_features": declared_features.run,
    "customer_profile": customer_profile.run,
    "dead_letters": dead_letters.measure,
    "tolerance": tolerance.run,
    "quiet": quiet.run,
    "off_policy": off_policy.run,
    "offers": offers.run,
    "learners": learners.run,
    "for_you": for_you.run,
}

NAMES = (*WITHOUT_KAFKA, *WITH_KAFKA)


def run(name: str, lab: Lab | None) -> Result:
    """Run one.

    Raises:
        KeyError: there is none of that name, or it needs a Kafka.
    """
    if name in WITHOUT_KAFKA:
        return WITHOUT_KAFKA[name]()
    if lab is None:
        raise KeyError(name)
    return WITH_KAFKA[name](lab)
