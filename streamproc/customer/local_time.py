"""A customer's own clock: the time zone that their profile names, else the shop's, with daylight saving time.

What a profile says is anybody's text, so only names of the IANA data base count (`Area/Location`, or `UTC`): a file
that a machine happens to have beside them, such as its own `localtime`, would make two machines decide differently.
"""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from streamproc.customer.state import Customer
from streamproc.events.calendar import UTC_ZONE, known_zone, on_the_wall
from streamproc.events.times import HOUR_MS

TIME_ZONE = "time_zone"
"""The trait that names the customer's zone."""

_AREA_AND_LOCATION = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+", re.ASCII)
_HOURS = 24


def zone_of(customer: Customer, shop_zone: str) -> str:
    """The customer's time zone by its IANA name; the shop's if the profile names none that there is."""
    said = customer.traits.get(TIME_ZONE)
    zone = _zone(said) if isinstance(said, str) else None
    return shop_zone if zone is None else zone.key


def local_hour(at_ms: int, zone: str) -> int:
    """The hour of the day (0 to 23) that clocks show in a zone at a moment (epoch ms).

    >>> local_hour(1_719_835_200_000, "Europe/Berlin")  # 12:00 UTC on 1 July 2024
    14
    """
    return on_the_wall(at_ms, zone) // HOUR_MS % _HOURS


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """The zone of a name; kept, for `zoneinfo` itself keeps eight and reads the others' files again each time."""
    if name != UTC_ZONE and not _AREA_AND_LOCATION.fullmatch(name):
        return None
    try:
        return ZoneInfo(known_zone(name))
    except ValueError:
        return None
