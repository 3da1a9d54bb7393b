"""KPI values per window (`marketing.kpis.v1`); the newest `revision` of a key counts."""

from dataclasses import field
from typing import Literal

from streamproc.value import value


@value
class Kpi:
    """One KPI over one window.

    Attributes:
        kpi: its name in `config/kpis.toml`.
        window: `day` (calendar day of the shop) or `total` (everything so far).
        start: the window's first moment, RFC 3339 in the shop's time zone; of `total` the first fact's day.
        end: the window's end (exclusive), or for `total` the watermark.
        status: `closed` when event time has passed the window's end, else `open`.
        revision: 0 at first, then one more for each correction by late events.
        value: the KPI, in `unit` (`micros` for money); None when the denominator is 0.
        numerator, denominator: its parts, so that it can be summed up anew.
    """

    kpi: str
    window: Literal["day", "total"]
    start: str
    end: str
    status: Literal["open", "closed"]
    revision: int
    value: float | int | None
    numerator: int
    denominator: int | None
    unit: str
    layer: str
    baseline: float | None
    target: float | None
    direction: str
    owner: str
    plan_version: str
    dimensions: dict[str, str] = field(default_factory=dict)
    type: Literal["kpi_measured"] = "kpi_measured"
