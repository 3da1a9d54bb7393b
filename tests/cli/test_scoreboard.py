"""The demo's picture: it counts what came out, and knows when the last day is closed."""

import io
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from streamproc.cli.scoreboard import Scoreboard, totals_of
from streamproc.events.times import DAY_MS, HOUR_MS, rfc3339
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry

EXAMPLES = Path(__file__).parents[2] / "topics" / "examples"
DAYS = 15_000 * DAY_MS


def kpi(name: str, value: float, window: str = "total", end_ms: int = DAYS) -> bytes:
    message: dict[str, Any] = {
        "type": "kpi_measured", "kpi": name, "value": value, "window": window, "unit": "count", "dimensions": {},
        "status": "closed" if window == "day" else "open", "end": rfc3339(end_ms),
    }  # fmt: skip
    return orjson.dumps(message)


def block(**said: Any) -> dict[str, Any]:
    named = {"description": "A KPI.", "layer": "output", "direction": "up", "owner": "sales"}
    return named | said if said.get("publish", True) else {"description": "A part."} | said


def shown(board: Scoreboard) -> str:
    text = io.StringIO()
    Console(width=120, file=text).print(board)
    return text.getvalue()


def test_it_is_complete_when_everything_was_sent_and_the_last_day_is_closed() -> None:
    board = Scoreboard(["orders"])
    board.sent(10, DAYS + 5 * HOUR_MS)
    board.saw("marketing.kpis.v1", kpi("orders", 1, "day", DAYS + DAY_MS))
    assert not board.is_complete
    board.all_sent = True
    assert "done: 10 events" in shown(board)
    assert board.is_complete


def test_it_is_not_complete_before_the_last_day_is_closed() -> None:
    board = Scoreboard(["orders"])
    board.sent(10, DAYS + 5 * HOUR_MS)
    board.all_sent = True
    board.saw("marketing.kpis.v1", kpi("orders", 1, "day", DAYS))
    assert not board.is_complete
    assert "all sent, finishing: 10 events" in shown(board)


def test_each_published_kpi_without_dimensions_has_a_place_before_it_has_a_value() -> None:
    ratio = {"kind": "ratio", "numerator": "opened", "denominator": "orders"}
    registry = KpiRegistry.model_validate({"kpi": [
        block(kind="count", facts=["order"], name="orders"),
        block(kind="count", facts=["trigger"], name="triggers", by=["trigger"]),
        block(kind="count", facts=["order"], name="per_day", windows=["day"]),
        block(kind="count", facts=["message"], name="opened", publish=False),
        block(**ratio, name="open_rate"),
    ]})  # fmt: skip
    board = Scoreboard(totals_of(KpiPlan.of(registry).measures))
    board.saw("marketing.kpis.v1", kpi("orders", 7))
    board.saw("marketing.kpis.v1", kpi("per_day", 8))
    picture = shown(board).split()
    assert picture[picture.index("orders") + 1] == "7"
    assert picture[picture.index("open_rate") + 1] == "..."
    assert {"triggers", "per_day", "opened"}.isdisjoint(picture)


def test_many_kpis_stand_beside_each_other() -> None:
    assert shown(Scoreboard([f"kpi_{number}" for number in range(20)])).count("KPI so far") == 2


def test_many_triggers_leave_room_for_the_newest_offer() -> None:
    board = Scoreboard(["orders"])
    board.saw("offers", (EXAMPLES / "offer_chosen.json").read_bytes())
    for number in range(20):
        trigger = orjson.loads((EXAMPLES / "trigger_emitted.json").read_bytes())
        board.saw("triggers", orjson.dumps({**trigger, "customer_id": f"c-{number}"}))
    newest = shown(board).partition("newest decisions")[2]
    assert "offer " in newest
    assert [number for number in range(20) if f"customer c-{number} " in newest] == [17, 18, 19]
