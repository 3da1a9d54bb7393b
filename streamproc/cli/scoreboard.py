"""The live picture of the demo: what went in, what came out, the newest decisions, the KPIs so far."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator

import orjson
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streamproc.cli.telling import amount, told
from streamproc.cli.terminal import styled
from streamproc.events.times import DAY_MS, parse_rfc3339, rfc3339
from streamproc.measure.plan import Measure

ROWS_OF_A_TABLE = 12
"""So many KPIs stand below each other, the next ones beside them."""

LINES_OF_A_KIND = 3
"""When the last timers fire together, one kind of decision must not push all others off the screen."""


def totals_of(measures: Iterable[Measure]) -> Iterator[str]:
    """The KPIs that have one value for everything so far, in the order of the configuration."""
    return (each.block.name for each in measures if "total" in each.block.windows and not each.by)


class Scoreboard:
    """Counts what it is shown; rich draws it.

    Args:
        kpis: the names of the KPIs that have a place in it, in their order.
    """

    def __init__(self, kpis: Iterable[str]) -> None:
        self._started = time.monotonic()
        self._events = 0
        self._last_ms = 0
        self._triggers: Counter[str] = Counter()
        self._others: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._kpis = dict.fromkeys(kpis, "...")
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
                if self._first_trigger is None:
                    self._first_trigger = time.monotonic() - self._started
            case "trigger_suppressed":
                self._refused[f"{message['trigger']}: {message['reason']}"] += 1
                return
            case "offer_chosen":
                self._others["offers"] += 1
            case "score_computed":
                self._others["scores"] += 1
                return
            case "forecast_computed":
                self._others["forecasts"] += 1
                return
            case "segment_changed":
                self._others["segment changes"] += 1
        self._show(message["type"], told(topic, value))

    def __rich__(self) -> RenderableType:
        """The picture."""
        seconds = time.monotonic() - self._started
        first = f", first trigger after {self._first_trigger:.0f} s" if self._first_trigger is not None else ""
        head = Text(
            f"{self._state}: {self._events:,} events up to {rfc3339(self._last_ms)[:16] if self._last_ms else '...'}"
            f"  ({self._events / max(seconds, 0.1):,.0f}/s, {seconds:.0f} s{first})",
            style="bold",
        )
        columns = Columns([self._decisions(), *self._kpi_tables()], padding=(0, 2))
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

    def _kpi_tables(self) -> Iterator[Table]:
        rows = tuple(self._kpis.items())
        for first in range(0, len(rows), ROWS_OF_A_TABLE):
            table = Table("KPI so far", "value", box=None)
            for row in rows[first : first + ROWS_OF_A_TABLE]:
                table.add_row(*row)
            yield table

    def _measured(self, kpi: dict[str, object]) -> None:
        name = str(kpi["kpi"])
        if name in self._kpis and kpi["window"] == "total":
            value = kpi["value"]
            self._kpis[name] = amount(value if isinstance(value, int | float) else None, str(kpi["unit"]))
        elif kpi["window"] == "day" and kpi["status"] == "closed":
            self._closed_ms = max(self._closed_ms, parse_rfc3339(str(kpi["end"])))
