"""Small plots as SVG, drawn by hand: they scale with the page, print well, and need no library in the browser."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from textwrap import wrap

from streamproc.offline.backtest.report.units import NUMBER, PERCENT, Unit, percent
from streamproc.or_unknown import UNKNOWN

WIDTH, HEIGHT = 480, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 12, 34
LINE = 18
NAME_END, BARS, BARS_END = 200, 214, 404
"""Where the columns of a range chart end and begin: names, ranges, and the rest for the numbers."""
MOST_TICKS = 5
CHARACTER = 8.2
"""About how wide a letter is on a phone, where the text is larger."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval, by name; a `value` that is None is unknown, and no point."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places; `every` is how far round values are from each other, None: as suits the range."""

    low: float
    high: float
    start: float
    end: float
    every: float | None = None

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = self.high - self.low or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)

    @property
    def step(self) -> float:
        """How far round values are from each other."""
        if self.every is not None:
            return self.every
        span = self.high - self.low or 1.0
        step: float = 10.0 ** floor(log10(span / 4))
        return next(step * factor for factor in (1, 2, 5, 10) if span / (step * factor) <= MOST_TICKS)

    @property
    def rounded(self) -> "Scale":
        """The same, from a round value to a round value at least two further."""
        low, high = floor(self.low / self.step + 1e-9), ceil(self.high / self.step - 1e-9)
        return Scale(low * self.step, max(high, low + 2) * self.step, self.start, self.end, self.step)

    @property
    def ticks(self) -> list[float]:
        """Round values, about five."""
        step = self.step
        first = ceil(self.low / step - 1e-9)
        return [round(step * number, 10) for number in range(first, floor(self.high / step + 1e-9) + 1)]


def lines(
    series: Mapping[str, Sequence[float | None]],
    names: Sequence[str],
    title: str,
    *,
    unit: Unit = PERCENT,
    low: float = 0.0,
) -> str:
    """A line for each series over the same steps, from `low` or below it; a gap where a value is None."""
    known = [value for values in series.values() for value in values if value is not None]
    top = max(known, default=low)
    x = _across(len(names))
    y = Scale(min([low, *known]), top if top > low else low + 0.1, HEIGHT - BOTTOM, TOP)
    parts = [_axis(y, unit), _names(names, x)]
    for number, (name, values) in enumerate(series.items()):
        path, pen = "", "M"
        for step, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            path, pen = f"{path}{pen}{x(step)},{y(value)}", "L"
        parts.append(f'<path class="line s{number}" d="{path}"/>')
        parts += [
            f'<circle class="s{number}" cx="{x(step)}" cy="{y(value)}" r="3"><title>{escape(name)}, '
            f"{escape(names[step])}: {unit.value(value)}</title></circle>"
            for step, value in enumerate(values)
            if value is not None
        ]
    return _drawn(parts, title) + legend(list(series))


def bars(values: Sequence[float], names: Sequence[str], title: str, average: float | None = None) -> str:
    """A bar for each name; `average` is a line across, and makes the values shares."""
    unit = NUMBER if average is None else PERCENT
    y = Scale(0, max([*values, average or 0]) or 1, HEIGHT - BOTTOM, TOP)
    space = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    x = Scale(0, max(len(values), 1), LEFT, WIDTH - RIGHT)
    parts = [_axis(y, unit)]
    for number, value in enumerate(values):
        parts.append(
            f'<rect class="s0" x="{x(number + 0.1)}" y="{y(value)}" width="{max(space * 0.8, 0.5):.1f}" '
            f'height="{HEIGHT - BOTTOM - y(value):.1f}"><title>{escape(names[number])}: {unit.tick(value)}'
            "</title></rect>"
        )
    parts.append(_names(names, Scale(-0.5, len(values) - 0.5, LEFT, WIDTH - RIGHT)))
    if average is not None:
        parts.append(f'<line class="mark" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(average)}" y2="{y(average)}"/>')
    return _drawn(parts, title)


def stacked(series: Mapping[str, Sequence[float]], names: Sequence[str], title: str) -> str:
    """A bar for each name, made of the series one above the other, the first at the bottom."""
    sums = [sum(values) for values in zip(*series.values(), strict=True)]
    y = Scale(0, max(sums, default=0) or 1, HEIGHT - BOTTOM, TOP)
    space = (WIDTH - LEFT - RIGHT) / max(len(names), 1)
    x = Scale(0, max(len(names), 1), LEFT, WIDTH - RIGHT)
    parts, below = [_axis(y, NUMBER)], [0.0] * len(names)
    for place, (name, values) in enumerate(series.items()):
        for number, value in enumerate(values):
            top = y(below[number] + value)
            parts.append(
                f'<rect class="s{place}" x="{x(number + 0.1)}" y="{top}" width="{max(space * 0.8, 0.5):.1f}" '
                f'height="{y(below[number]) - top:.1f}"><title>{escape(name)}, {escape(names[number])}: '
                f"{NUMBER.tick(value)}</title></rect>"
            )
            below[number] += value
    parts.append(_names(names, Scale(-0.5, len(names) - 0.5, LEFT, WIDTH - RIGHT)))
    return _drawn(parts, title) + legend(list(series))


def whiskers(rows: Sequence[Whisker], title: str, *, unit: Unit = PERCENT, zero: bool = False) -> str:
    """A point with its interval for each row, between its name and its number; all have one unit.

    With `zero` 0 is on the axis, too, and marked if it is not its end.
    """
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None] or [0.0, 1.0]
    x = Scale(min([*ends, 0.0] if zero else ends), max(ends), BARS, BARS_END).rounded
    names = [wrap(row.name, int(NAME_END / CHARACTER)) for row in rows]
    space = LINE * (max(map(len, names), default=1) + 1)
    height = space * len(rows) + 30
    parts = [f'<line class="grid" x1="{x(at)}" x2="{x(at)}" y1="4" y2="{height - 24}"/>' for at in x.ticks]
    parts += [
        f'<text x="{x(tick)}" y="{height - 8}" text-anchor="middle">{unit.tick(tick)}</text>'
        for tick in _written(x.ticks)
    ]
    if zero and x.low < 0:
        parts.append(f'<line class="mark" x1="{x(0)}" x2="{x(0)}" y1="4" y2="{height - 24}"/>')
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        parts += _whisker(row, name, x, space * number + space // 2, unit)
    return _drawn(parts, title, height)


def _written(ticks: Sequence[float]) -> Sequence[float]:
    """Those that there is room to write: all, or every other one, and 0 among them."""
    if len(ticks) <= MOST_TICKS:
        return ticks
    return ticks[ticks.index(0) % 2 :: 2] if 0 in ticks else ticks[::2]


def _whisker(row: Whisker, name: Sequence[str], x: Scale, y: int, unit: Unit) -> Iterator[str]:
    top = y + 5 - LINE * (len(name) - 1) / 2
    for number, text in enumerate(name):
        yield f'<text x="0" y="{top + LINE * number:g}">{escape(text)}</text>'
    if row.low is not None and row.high is not None:
        yield f'<line class="whisker" x1="{x(row.low)}" x2="{x(row.high)}" y1="{y}" y2="{y}"/>'
    written = UNKNOWN if row.value is None else unit.value(row.value)
    if row.value is not None:
        yield f'<circle class="s0" cx="{x(row.value)}" cy="{y}" r="5"/>'
    yield f'<text x="{WIDTH}" y="{y + 5}" text-anchor="end">{written}</text>'


def against(points: Sequence[tuple[float, float, int]], title: str, axes: tuple[str, str]) -> str:
    """What was said (across) against what happened (up), larger for more cases; on the diagonal both are equal."""
    x, y = Scale(0, 1, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    most = max((cases for *_, cases in points), default=1)
    parts = [_axis(y, PERCENT), f'<line class="mark" x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}"/>']
    parts += [
        f'<text x="{x(tick)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{percent(tick)}</text>'
        for tick in x.ticks
    ]
    parts += [
        f'<circle class="s0" cx="{x(said)}" cy="{y(happened)}" r="{3 + 6 * (cases / most) ** 0.5:.1f}">'
        f"<title>{cases:,} cases: {percent(round(said, 3))} said, {percent(round(happened, 3))} "
        "happened</title></circle>"
        for said, happened, cases in points
    ]
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 2}" text-anchor="end">{escape(axes[0])} →</text>')
    parts.append(f'<text x="{LEFT + 6}" y="{TOP + 10}">↑ {escape(axes[1])}</text>')
    return _drawn(parts, title)


def legend(names: Sequence[str]) -> str:
    """Which colour is what."""
    keys = (f'<li class="k{number}">{escape(name)}</li>' for number, name in enumerate(names))
    return f'<ul class="legend">{"".join(keys)}</ul>'


def _across(steps: int) -> Scale:
    return Scale(0, max(steps - 1, 1), LEFT + 8, WIDTH - RIGHT - 14)


def _axis(y: Scale, unit: Unit) -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick)}" y2="{y(tick)}"/>'
        f'<text x="{LEFT - 6}" y="{y(tick) + 4}" text-anchor="end">{unit.tick(tick)}</text>'
        for tick in y.ticks
    )


def _names(names: Sequence[str], x: Scale) -> str:
    """As many names below the plot as there is room for."""
    if not names:
        return ""
    room = max(1, int((WIDTH - LEFT - RIGHT) / (max(map(len, names)) * CHARACTER + 14)))
    every = ceil(len(names) / room)
    return "".join(
        f'<text x="{x(number)}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(name)}</text>'
        for number, name in enumerate(names)
        if number % every == 0
    )


def _drawn(parts: Sequence[str], title: str, height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
