"""A network namespace for workers, with a cable to the brokers that can be cut: for all of them, or for one address.

The brokers' addresses are on this machine's end of the cable, so everybody outside of the namespace reaches them, too.
Needs root, as a small disk does; where that is not given, `network_of_its_own` gives None and says why.
"""

import ctypes
import logging
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

log = logging.getLogger(__name__)

CLONE_NEWNET = 0x40000000
NAMESPACES, PREFIX = Path("/run/netns"), "faults-"


@dataclass(frozen=True)
class Network:
    """A namespace, its end of the cable and the brokers' addresses."""

    name: str
    brokers: Sequence[str]

    def cut(self, addresses: Sequence[str]) -> None:
        """Nothing goes to these brokers or comes from them any more, and nobody is told."""
        for address in addresses:
            self._inside("iptables", "-A", "OUTPUT", "-d", address, "-j", "DROP")
            self._inside("iptables", "-A", "INPUT", "-s", address, "-j", "DROP")

    def heal(self) -> None:
        """As before."""
        self._inside("iptables", "-F")

    def _inside(self, *command: str) -> None:
        _run("ip", "netns", "exec", self.name, *command)


@contextmanager
def network_of_its_own(brokers: int) -> Iterator[Network | None]:
    """A namespace and addresses for so many brokers; taken away at the end, whatever happened."""
    _clear_up()
    number = SystemRandom().randrange(256)
    name, outside = f"{PREFIX}{os.getpid()}", f"faults{number}"
    network = Network(name, [f"10.213.{number}.{1 + broker}" for broker in range(brokers)])
    try:
        try:
            _lay_cable(network, outside, f"10.213.{number}.100/24")
        except (OSError, subprocess.CalledProcessError) as error:
            log.warning("no network of its own: %s", error)
            yield None
        else:
            yield network
    finally:
        for command in (("ip", "link", "delete", outside), ("ip", "netns", "delete", name)):
            subprocess.run(command, check=False, capture_output=True)


def _clear_up() -> None:
    """Take away what runs that were killed have left; a cable goes with its namespace."""
    for namespace in NAMESPACES.glob(f"{PREFIX}*"):
        if not Path(f"/proc/{namespace.name.removeprefix(PREFIX)}").exists():
            subprocess.run(("ip", "netns", "delete", namespace.name), check=False, capture_output=True)


def _lay_cable(network: Network, outside: str, own: str) -> None:
    _run("ip", "netns", "add", network.name)
    _run("ip", "link", "add", outside, "type", "veth", "peer", "name", "cable", "netns", network.name)
    for address in network.brokers:
        _run("ip", "address", "add", f"{address}/24", "dev", outside)
    _run("ip", "link", "set", outside, "up")
    _run("ip", "-n", network.name, "address", "add", own, "dev", "cable")
    for link in ("lo", "cable"):
        _run("ip", "-n", network.name, "link", "set", link, "up")
    network.heal()


def enter(name: str) -> None:
    """This thread, and those that it starts, are in the namespace from here on."""
    with (NAMESPACES / name).open() as namespace:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace {name}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
