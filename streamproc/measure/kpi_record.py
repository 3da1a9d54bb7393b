"""A KPI as a record of `marketing.kpis.v1`."""

from streamproc.events.kpis import Kpi
from streamproc.measure.json_text import to_json
from streamproc.measure.series import dimensions_text


def kpi_key(kpi: Kpi) -> bytes:
    """`kpi|window|start|dimensions`: one key for all revisions.

    The total's start is left out, since a late first fact moves it.
    """
    start = "" if kpi.window == "total" else kpi.start
    return f"{kpi.kpi}|{kpi.window}|{start}|{dimensions_text(kpi.dimensions)}".encode()


def encode_kpi(kpi: Kpi) -> bytes:
    """A KPI as JSON."""
    return to_json(kpi)
