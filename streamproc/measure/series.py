"""Names of series: a KPI, and which of its dimensions: `triggers`, `triggers{"trigger":"abandoned_cart"}`."""

from collections.abc import Mapping

import orjson

from streamproc.events.facts import FactValue

_ABSENT = "none"


def sub_series(series: str, by: tuple[str, ...], values: Mapping[str, FactValue]) -> str:
    """The name of the sub-series that a fact belongs to.

    >>> sub_series("offers", ("offer_id",), {"offer_id": "spring", "channel": "email"})
    'offers{"offer_id":"spring"}'
    """
    return series + dimensions_text({name: _text(values.get(name)) for name in by})


def dimensions_text(dimensions: Mapping[str, str]) -> str:
    """Dimensions as part of a name; empty if there are none."""
    return orjson.dumps(dimensions).decode() if dimensions else ""


def split(name: str) -> tuple[str, dict[str, str]]:
    """A series and its dimensions.

    >>> split('offers{"offer_id":"spring"}')
    ('offers', {'offer_id': 'spring'})
    """
    series, brace, rest = name.partition("{")
    return series, orjson.loads(brace + rest) if brace else {}


def _text(value: FactValue) -> str:
    if value is None:
        return _ABSENT
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
