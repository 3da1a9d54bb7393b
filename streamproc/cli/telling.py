"""Outputs as a person reads them: one line for each trigger, offer, score, segment change and all else."""

from typing import Any

import orjson
from rich.text import Text

from streamproc.cli.terminal import styled
from streamproc.events.money import MICROS
from streamproc.or_unknown import UNKNOWN


def told(topic: str, value: bytes) -> Text:
    """One output record as a line."""
    message = orjson.loads(value)
    teller = _BUILDERS.get(message.get("type"))
    if teller is None:
        return styled(f"{topic} {value[:200].decode(errors='replace')}")
    return teller(message)


def amount(value: float | None, unit: str) -> str:
    """A KPI's value with its unit, as people write it; None (it is by 0) is unknown."""
    if value is None:
        return UNKNOWN
    if unit == "micros":
        return f"{value / MICROS:,.2f}"
    return f"{value:.2%}" if unit == "ratio" else f"{value:,.0f}"


def _number(value: object) -> str:
    """A value without the zeros that only a machine needs: 1.0 is 1."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _line(message: dict[str, Any], mark: str, style: str, text: str) -> Text:
    return styled((f"{message.get('at', '')[:16]:<17}", "dim"), (f"{mark:<10}", style), text)


def _whom(m: dict[str, Any]) -> str:
    return f"customer {m['customer_id']}" if m["anonymous_id"] is None else f"visitor {m['anonymous_id']}"


def _trigger(m: dict[str, Any]) -> Text:
    why = ", ".join(f"{name} {_number(value)}" for name, value in m["values"].items())
    return _line(m, "trigger", "bold green", f"{m['trigger']} -> {_whom(m)} by {m['channel']} ({why})")


def _offer(m: dict[str, Any]) -> Text:
    count = len(m["candidates"])
    chance = f"chosen with {100 * m['propensity']:.0f} %, {count} candidate{'' if count == 1 else 's'}"
    return _line(m, "offer", "bold cyan", f"{m['offer_id']} -> {_whom(m)} ({chance})")


def _suppression(m: dict[str, Any]) -> Text:
    until = f" until {m['until'][:16]}" if m["until"] else ""
    detail = f" ({m['detail']})" if m["detail"] else ""
    mark = "deferred" if m["deferred"] else "refused"
    return _line(m, mark, "yellow", f"{m['trigger']} -> {_whom(m)}: {m['reason']}{detail}{until}")


def _retraction(m: dict[str, Any]) -> Text:
    return _line(m, "retracted", "bold yellow", f"{m['trigger']} -> {_whom(m)}: {m['because']} came late")


def _score(m: dict[str, Any]) -> Text:
    text = f"{m['model']} {m['probability']:.2f} ({m['band']}) {_whom(m)}: {', '.join(m['reasons'])}"
    return _line(m, "score", "magenta", text)


def _forecast(m: dict[str, Any]) -> Text:
    between = "" if m["low"] is None else f" ({m['low']:,.1f} to {m['high']:,.1f})"
    unit = m["unit"].replace("_", " ")
    when = "" if unit == "days" else f" in {m['horizon_days']} days"
    value = f"{m['value']:+.3f}" if unit == "uplift" else f"{m['value']:,.1f}"
    text = f"{m['model']} {value}{between} {unit}{when} {_whom(m)}: {', '.join(m['reasons'])}"
    return _line(m, "forecast", "magenta", text)


def _segment(m: dict[str, Any]) -> Text:
    return _line(m, "segment", "blue", f"{_whom(m)} {m['change']} {m['segment']}")


def _tag(m: dict[str, Any]) -> Text:
    return _line(m, "tag", "blue", f"{_whom(m)} {m['change']} {m['tag']} ({m['source']})")


def _journey(m: dict[str, Any]) -> Text:
    step = "" if m["step"] is None else f" at {m['step']}"
    reason = "" if m["reason"] is None else f": {m['reason']}"
    return _line(m, "journey", "blue", f"{m['journey']} of {_whom(m)} {m['change']}{step}{reason}")


def _kpi(m: dict[str, Any]) -> Text:
    which = m["start"][:10] if m["window"] == "day" else "total"
    by = " ".join(f"{name}={value}" for name, value in m["dimensions"].items())
    return _line({"at": m["end"]}, "kpi", "white", f"{m['kpi']} {by} {which} = {amount(m['value'], m['unit'])}")


_BUILDERS = {
    "trigger_emitted": _trigger,
    "offer_chosen": _offer,
    "trigger_suppressed": _suppression,
    "trigger_retracted": _retraction,
    "score_computed": _score,
    "forecast_computed": _forecast,
    "segment_changed": _segment,
    "customer_tagged": _tag,
    "journey_changed": _journey,
    "kpi_measured": _kpi,
}
