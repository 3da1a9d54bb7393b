"""The live picture of the demo: what went in, what came out, the newest decisions, the KPIs so far."""

import time
from collections import Counter

import orjson
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streamproc.cli.telling import amount, told
from streamproc.cli.terminal import styled
from streamproc.events.times import DAY_MS, parse_rfc3339, rfc3339

SHOWN_KPIS = ("orders", "customers", "revenue", "aov", "repeat_rate", "net_revenue", "guest_orders", "open_rate", "ctr")
USUAL_KPIS = frozenset(
    (
        *SHOWN_KPIS,
        "refunds",
        "cancellations",
        "sent",
        "delivered",
        "delivery_rate",
        "bounce_rate",
        "open_rate_raw",
        "ctor",
    )
) | {"unsubscribe_rate", "complaint_rate", "page_views", "visitors", "carts", "churn_rate"}
"""KPIs that `config/kpis.toml` brings: of those only `SHOWN_KPIS` are shown, and all that somebody added."""
LINES_OF_A_KIND = 3
"""When the last timers fire together, one kind of decision must not push all others off the screen."""


class Scoreboard:
    """Counts what it is shown; rich draws it."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._events = 0
        self._last_ms = 0
        self._triggers: Counter[str] = Counter()
        self._others: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._kpis: dict[str, str] = {}
        self._newest: list[tuple[str, Text]] = []
        self._first_trigger: float | None = None
        self._closed_ms = 0
        self.seen = 0
        self.all_sent = False

    @property
    def is_complete(self) -> bool:
        """Whether the KPIs of the last day that was sent are closed."""
        return self.all_sent and self._closed_ms > self._last_ms - self._last_ms % DAY_MS

    def sent(self, events: int, at_ms: int) -> None:
        """So many events were sent, the last one of this event time."""
        self._events, self._last_ms = events, max(self._last_ms, at_ms)

    def saw(self, topic: str, value: bytes) -> None:
        """A record came out."""
        message = orjson.loads(value)
        self.seen += 1
        match message["type"]:
            case "kpi_measured":
                self._measured(message)
                return
            case "trigger_emitted":
                self._triggers[message["trigger"]] += 1
                self._first_trigger = self._first_trigger or time.monotonic() - self._started
            case "trigger_suppressed":
                self._refused[f"{message['trigger']}: {message['reason']}"] += 1
                return
            case "offer_chosen":
                self._others["offers"] += 1
            case "score_computed":
                self._others["churn scores"] += 1
                return
            case "segment_changed":
                self._others["segment changes"] += 1
        self._show(message["type"], told(topic, value))

    def __rich__(self) -> RenderableType:
        """The picture."""
        seconds = time.monotonic() - self._started
        first = f", first trigger after {self._first_trigger:.0f} s" if self._first_trigger else ""
        head = Text(
            f"{self._state}: {self._events:,} events up to {rfc3339(self._last_ms)[:16] if self._last_ms else '...'}"
            f"  ({self._events / max(seconds, 0.1):,.0f}/s, {seconds:.0f} s{first})",
            style="bold",
        )
        columns = Columns([self._decisions(), self._kpi_table()], padding=(0, 2))
        return Group(
            head,
            columns,
            Panel(Group(*(line for _, line in self._newest)), title="newest decisions", title_align="left"),
        )

    @property
    def _state(self) -> str:
        if self.is_complete:
            return "done"
        return "all sent, finishing" if self.all_sent else "sending"

    def _show(self, kind: str, line: Text) -> None:
        self._newest.append((kind, line))
        of_its_kind = [one for one in self._newest if one[0] == kind]
        if len(of_its_kind) > LINES_OF_A_KIND:
            self._newest.remove(of_its_kind[0])

    def _decisions(self) -> Table:
        table = Table("decision", "count", box=None)
        for counts, style in ((self._triggers, "green"), (self._others, "cyan"), (self._refused, "yellow")):
            for name, count in sorted(counts.items()):
                table.add_row(styled((name, style)), f"{count:,}")
        return table

    def _kpi_table(self) -> Table:
        table = Table("KPI so far", "value", box=None)
        for name in (*SHOWN_KPIS, *(name for name in self._kpis if name not in USUAL_KPIS)):
            table.add_row(name, self._kpis.get(name, "..."))
        return table

    def _measured(self, kpi: dict[str, object]) -> None:
        if kpi["window"] == "total" and not kpi["dimensions"]:
            value = kpi["value"]
            self._kpis[str(kpi["kpi"])] = amount(value if isinstance(value, int | float) else None, str(kpi["unit"]))
        elif kpi["window"] == "day" and kpi["status"] == "closed":
            self._closed_ms = max(self._closed_ms, parse_rfc3339(str(kpi["end"])))
