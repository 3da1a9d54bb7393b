"""Money in a replay: orders in a currency without a rate are in no sum, and somebody must say so."""

from pathlib import Path

import orjson

from streamproc.events.topics import KPIS_TOPIC
from streamproc.offline.replay.output import SUFFIX, read_outputs

KPI = "orders_without_rate"
"""As `config/kpis.toml` calls it."""


def orders_without_rate(folder: Path) -> dict[str, int]:
    """How many orders of a replay are in no sum of money, by currency."""
    found: dict[str, int] = {}
    for emitted in read_outputs(folder / f"{KPIS_TOPIC}{SUFFIX}", KPIS_TOPIC, KPI.encode()):
        kpi = orjson.loads(emitted.value or b"{}")
        if kpi.get("kpi") == KPI and kpi["window"] == "total":
            found[kpi["dimensions"].get("currency", "")] = kpi["value"]
    return {currency: count for currency, count in sorted(found.items()) if count}
