"""Ports for the embedded broker: the wanted ones, else those of the last start, else free ones."""

import random
import socket

from streamproc.broker.config import HOST, BrokerSettings, Ports
from streamproc.broker.error import BrokerError

CANDIDATES = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere).

A client that keeps trying to reach a dead broker on a port of that range will one day be given the very port as its
own, connect to itself, and hold the port so that the broker cannot come back.
"""

TRIES = 200


def choose_ports(settings: BrokerSettings, last: Ports | None) -> Ports:
    """The ports to listen on now.

    Raises:
        BrokerError: a port that was asked for is taken, or none is free.
    """
    clients = _choose(settings.port, last.clients if last else 0, "port", avoid=settings.controller_port)
    controller = _choose(settings.controller_port, last.controller if last else 0, "controller port", avoid=clients)
    return Ports(clients, controller)


def _choose(wanted: int, last: int, what: str, *, avoid: int) -> int:
    if wanted:
        if not is_free(wanted):
            raise BrokerError(
                f"{what} {wanted} of {HOST} is taken by another program: choose another one, "
                f"or find and stop that program (`ss -ltnp 'sport = :{wanted}'`)"
            )
        return wanted
    if last and last != avoid and is_free(last):
        return last
    draw = random.SystemRandom()
    for _ in range(TRIES):
        port = draw.choice(CANDIDATES)
        if port != avoid and is_free(port):
            return port
    raise BrokerError(f"no free port found on {HOST} between {CANDIDATES.start} and {CANDIDATES.stop}: choose one")


def is_free(port: int) -> bool:
    """Whether a server could listen there now; connections of a server that has ended do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
