"""Whether a channel reaches a customer: what bounced, and what went well since then, in any order of arrival."""

from collections.abc import Mapping
from typing import NamedTuple

from streamproc.events.identifiers import digest_of

NEVER = -1
MAX_SOFT = 10
MAX_ADDRESSES = 8
ADDRESS_BYTES = 4


class Reach(NamedTuple):
    """Of one channel (epoch ms; `NEVER`).

    Attributes:
        hard_ms: the last bounce for good.
        well_ms: the last delivery.
        soft: the last bounces for now.
        addresses: when addresses were told of late, and their digests, in the order of time.
    """

    hard_ms: int = NEVER
    well_ms: int = NEVER
    soft: tuple[int, ...] = ()
    addresses: tuple[tuple[int, int], ...] = ()

    @property
    def mended_ms(self) -> int:
        """When the channel was known to be well last: since a delivery, or since the present address is told."""
        now, since = None, NEVER
        for at_ms, address in self.addresses:
            if address != now:
                now, since = address, at_ms
        return max(self.well_ms, since)


def reached(reach: Mapping[str, Reach], channel: str, at_ms: int) -> dict[str, Reach]:
    """A message was delivered on the channel."""
    known = reach.get(channel, Reach())
    return {**reach, channel: known._replace(well_ms=max(known.well_ms, at_ms))}


def addressed(reach: Mapping[str, Reach], channel: str, at_ms: int, address: str) -> dict[str, Reach]:
    """The channel's address was told; it is a new one as long as it was not the last one before."""
    known = reach.get(channel, Reach())
    digest = digest_of(address.strip().casefold().encode(), ADDRESS_BYTES)
    told = sorted({*known.addresses, (at_ms, digest)})
    return {**reach, channel: known._replace(addresses=_kept(told))}


def _kept(told: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """So many as there is room for, in the order of time.

    Of one address that is told again and again, the first and the last time say most: what stands between is forgotten
    first, the oldest first. As long as there is room nothing is, since another address may yet be told in between.
    """
    kept = list(told)
    while len(kept) > MAX_ADDRESSES:
        between = range(1, len(kept) - 1)
        alike = (place for place in between if kept[place - 1][1] == kept[place][1] == kept[place + 1][1])
        del kept[next(alike, 0)]
    return tuple(kept)


def joined(reach: Mapping[str, Reach], other: Mapping[str, Reach]) -> dict[str, Reach]:
    """What is known of two who turn out to be one."""
    both = {channel: (reach.get(channel, Reach()), other.get(channel, Reach())) for channel in {**reach, **other}}
    return {channel: _joined(one, two) for channel, (one, two) in both.items()}


def _joined(one: Reach, two: Reach) -> Reach:
    soft = tuple(sorted((*one.soft, *two.soft)))[-MAX_SOFT:]
    told = sorted({*one.addresses, *two.addresses})
    return Reach(max(one.hard_ms, two.hard_ms), max(one.well_ms, two.well_ms), soft, _kept(told))


def bounced(reach: Mapping[str, Reach], channel: str, at_ms: int, *, hard: bool) -> dict[str, Reach]:
    """A message bounced: for good, or for now."""
    known = reach.get(channel, Reach())
    if hard:
        return {**reach, channel: known._replace(hard_ms=max(known.hard_ms, at_ms))}
    return {**reach, channel: known._replace(soft=tuple(sorted((*known.soft, at_ms)))[-MAX_SOFT:])}
