"""The soak's page: one self-contained HTML file with plots, no script and nothing from elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from html import escape

from tests.faults.sampling import Samples, Series

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 1000, 240, 70, 12, 28
COLOURS = (
    "#0b6e99", "#d9480f", "#2b8a3e", "#862e9c", "#c2255c", "#5c940d", "#364fc7", "#e8590c", "#087f5b", "#495057",
)  # fmt: skip
TICKS = 6
At = Callable[[float, float], str]
"""Where a point is in the picture, as SVG writes it."""

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #212529; max-width: 1060px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.1em; margin: 2em 0 .3em } p { margin: .3em 0 }
table { border-collapse: collapse } td, th { padding: .15em 1.2em .15em 0; text-align: left }
svg { width: 100%; height: auto } text { font-size: 12px; fill: #495057 }
.legend span { margin-right: 1.4em; white-space: nowrap } .legend b { font-weight: 900 }
"""


def page(title: str, summary: Mapping[str, object], samples: Samples) -> str:
    """The whole page."""
    rows = "".join(f"<tr><th>{escape(name)}<td>{escape(str(value))}" for name, value in summary.items())
    plots = "".join(
        f"<h2>{escape(heading)}</h2><p>{escape(meaning)}</p>{plot(series, samples.faults)}"
        for heading, meaning, series in (
            ("Resident memory, MiB", "To be flat after the first minutes: nothing may grow with the number of events.",
             samples.memory_mib),
            ("Open descriptors", "To be flat: connections and files are given back.", samples.descriptors),
            ("Lag, records", "Not processed yet, all partitions of a stage; to be back at nothing after each fault.",
             samples.lag_records),
            ("Checkpoint, mean of 5 s, ms", "One transaction of one partition.", samples.checkpoint_ms),
            ("Local state, MiB", "RocksDB files of each worker's data folder.", samples.state_mib),
        )
    )  # fmt: skip
    told = "".join(f"<tr><td>{minute:.1f} min<td>{escape(what)}" for minute, what in samples.faults)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}</h1><table>{rows}</table>"
        f"<p>Dashed lines are faults.</p>{plots}<h2>Faults</h2><table>{told}</table></html>\n"
    )


def plot(series: Series, faults: Iterable[tuple[float, str]]) -> str:
    """One plot, with its legend; minutes go to the right."""
    points = [point for line in series.values() for point in line]
    if not points:
        return "<p>nothing was measured</p>"
    last, most = max(x for x, _ in points) or 1.0, max(y for _, y in points) or 1.0
    top = _round_up(most)

    def at(x: float, y: float) -> str:
        across = LEFT + x / last * (WIDTH - LEFT - 10)
        return f"{across:.1f},{TOP + (1 - y / top) * (HEIGHT - TOP - BOTTOM):.1f}"

    drawn = [_grid(top, last, at)]
    for minute, what in faults:
        (x, low), high = at(min(minute, last), 0).split(","), at(0, top).split(",")[1]
        drawn.append(
            f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="#adb5bd" stroke-dasharray="3 3">'
            f"<title>{escape(what)}</title></line>"
        )
    legend = []
    for (name, line), colour in zip(sorted(series.items()), _colours(), strict=False):
        path = " ".join(at(x, y) for x, y in line)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        legend.append(f'<span><b style="color:{colour}">&#9473;</b> {escape(name)} {line[-1][1]:,.0f}</span>')
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(drawn)}</svg>'
    return f'{picture}<p class="legend">{" ".join(legend)}</p>'


def _grid(top: float, last: float, at: At) -> str:
    drawn = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = at(0, share * top).split(",")[1]
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y}" y2="{y}" stroke="#e9ecef"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{float(y) + 4}" text-anchor="end">{share * top:,.6g}</text>')
    for step in range(TICKS + 1):
        minute = last * step / TICKS
        x = at(minute, 0).split(",")[0]
        anchor = "end" if step == TICKS else "middle"
        drawn.append(f'<text x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">{minute:.1f} min</text>')
    return "".join(drawn)


def _round_up(most: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten, for an axis with four steps."""
    size = 1.0
    while size < most:
        size *= 10
    return min((size / 10 * step for step in (1, 2, 4, 8, 10) if size / 10 * step >= most), default=size)


def _colours() -> Iterable[str]:
    while True:
        yield from COLOURS
