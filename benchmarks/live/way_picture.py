"""The picture of `whole_way`: of how many probes each part of the way was done by when, as SVG.

Read it from left to right: of the probes, sorted at each line for itself, so many per cent were not later than that.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from benchmarks.live.probing import Probe

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 360, 60, 34, 200, 44
LINES = (
    ("collect's transaction begins", "#0b6e99"),
    ("decide's transaction begins", "#d9480f"),
    ("the trigger is read", "#2b8a3e"),
)
SHARES = (0.25, 0.5, 0.75, 0.9, 0.99)
STEPS = 5


def draw(path: Path, title: str, probes: Sequence[Probe]) -> None:
    """Write the picture of one run."""
    moments = [
        sorted(probe.in_collect for probe in probes),
        sorted(probe.in_collect + probe.to_decide for probe in probes),
        sorted(probe.whole for probe in probes),
    ]
    top = _round_up(moments[-1][-1])
    drawn = [_grid(top), *(_line(found, top, number) for number, found in enumerate(moments))]
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="20" font-size="15">{escape(title)}</text>{"".join(drawn)}</svg>\n'
    )


def _line(found: Sequence[float], top: float, number: int) -> str:
    name, colour = LINES[number]
    points = " ".join(f"{_across(n / (len(found) - 1)):.1f},{_up(each, top):.1f}" for n, each in enumerate(found))
    beside = f'<text x="{_across(1) + 12:.0f}" y="{HEIGHT / 2 - 30 * number:.0f}" fill="{colour}">{escape(name)}</text>'
    return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>{beside}'


def _grid(top: float) -> str:
    drawn = []
    for step in range(STEPS + 1):
        value = top * step / STEPS
        y = _up(value, top)
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{_across(1):.1f}" stroke="#dee2e6"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#495057">{value:,.0f}</text>')
    for share in SHARES:
        x = _across(share)
        drawn.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#dee2e6"/>')
        drawn.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#495057">{share:.0%}</text>'
        )
    below = "milliseconds since it was produced, by share of the probes"
    drawn.append(f'<text x="{LEFT}" y="{HEIGHT - 6}" fill="#495057">{below}</text>')
    return "".join(drawn)


def _across(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _up(value: float, top: float) -> float:
    return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM)


def _round_up(value: float) -> float:
    """To a number that is easily cut into five."""
    step = 50.0
    while step * STEPS < value:
        step *= 2
    return step * STEPS
