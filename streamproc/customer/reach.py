"""Whether a channel reaches a customer: what bounced, and what went well since then, in any order of arrival."""

from collections.abc import Mapping
from typing import NamedTuple

NEVER = -1
MAX_SOFT = 10


class Reach(NamedTuple):
    """Of one channel (epoch ms; `NEVER`).

    Attributes:
        hard_ms: the last bounce for good.
        well_ms: the last delivery, or new address.
        soft: the last bounces for now.
    """

    hard_ms: int = NEVER
    well_ms: int = NEVER
    soft: tuple[int, ...] = ()


def reached(reach: Mapping[str, Reach], channel: str, at_ms: int) -> dict[str, Reach]:
    """A message was delivered on the channel, or there is a new address."""
    known = reach.get(channel, Reach())
    return {**reach, channel: known._replace(well_ms=max(known.well_ms, at_ms))}


def bounced(reach: Mapping[str, Reach], channel: str, at_ms: int, *, hard: bool) -> dict[str, Reach]:
    """A message bounced: for good, or for now."""
    known = reach.get(channel, Reach())
    if hard:
        return {**reach, channel: known._replace(hard_ms=max(known.hard_ms, at_ms))}
    return {**reach, channel: known._replace(soft=tuple(sorted((*known.soft, at_ms)))[-MAX_SOFT:])}
