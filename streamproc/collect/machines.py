"""The table `[collect.machines]`: programs and addresses that are machines', whatever an event says of itself."""

from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from streamproc.config_file import Table, split_at_commas
from streamproc.events.agent import AgentEvent
from streamproc.events.email import Complained
from streamproc.events.raw import Event

Network = IPv4Network | IPv6Network
_LEAST = 3
"""So many letters say something of a program."""


def _network(said: object) -> Network:
    if isinstance(said, IPv4Network | IPv6Network):
        return said
    return ip_network(str(said))


Programs = tuple[Annotated[str, StringConstraints(min_length=_LEAST)], ...]
Networks = tuple[Annotated[Network, BeforeValidator(_network)], ...]


class MachineSettings(Table):
    """Who is a machine.

    Attributes:
        user_agents: parts of the names of programs, in any case of letters.
        networks: addresses that machines work from, such as `192.0.2.0/24`.
    """

    user_agents: Annotated[Programs, BeforeValidator(split_at_commas)] = ()
    networks: Annotated[Networks, BeforeValidator(split_at_commas)] = ()

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(name.lower() for name in self.user_agents)

    def know(self, user_agent: str | None, ip: str | None) -> bool:
        """Whether it is a machine that calls itself so, or works from this address."""
        if user_agent is not None and any(map(user_agent.lower().__contains__, self._names)):
            return True
        address = _address(ip) if self.networks else None
        return address is not None and any(address in network for network in self.networks)


def _address(said: str | None) -> IPv4Address | IPv6Address | None:
    """An address; None: there is none, or it cannot be read."""
    try:
        address = ip_address(said or "")
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def judged(event: Event, machines: MachineSettings) -> Event:
    """The event with what the list says of its program, and without what it was judged by.

    A complaint is passed on by a program of the mailbox's provider, and stays the person's.
    """
    if not isinstance(event, AgentEvent) or (event.user_agent is None and event.ip is None):
        return event
    is_machine = not isinstance(event, Complained) and machines.know(event.user_agent, event.ip)
    changes = {"user_agent": None, "ip": None, "is_machine": event.is_machine or is_machine}
    return event.model_copy(update=changes)
