"""The picture of `offers`: the regret of each policy as the year goes on, the mean over the seeds, as SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from statistics import mean

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 380, 60, 34, 250, 40
COLOURS = ("#868e96", "#343a40", "#0b6e99", "#2b8a3e", "#d9480f", "#9c36b5")
POINTS = 60
STEPS = 5


def draw(path: Path, title: str, regrets: Mapping[str, Sequence[Sequence[float]]]) -> None:
    """Write the picture; `regrets` has the regret after each choice, for each policy and seed."""
    means = {policy: _means(years) for policy, years in regrets.items()}
    top = max(max(values) for values in means.values())
    drawn = [_grid(top, len(next(iter(regrets.values()))[0]))]
    drawn += [_line(name, values, top, number) for number, (name, values) in enumerate(means.items())]
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="20" font-size="15">{escape(title)}</text>{"".join(drawn)}</svg>\n'
    )


def _means(years: Sequence[Sequence[float]]) -> list[float]:
    last = len(years[0]) - 1
    return [mean(year[last * point // POINTS] for year in years) for point in range(POINTS + 1)]


def _line(name: str, values: Sequence[float], top: float, number: int) -> str:
    points = " ".join(f"{_across(n / POINTS):.1f},{_up(value, top):.1f}" for n, value in enumerate(values))
    y, colour = TOP + 14 + 22 * number, COLOURS[number % len(COLOURS)]
    words = f'<text x="{_across(1) + 14:.0f}" y="{y}" fill="{colour}">{escape(name)}: {values[-1]:.0f}</text>'
    return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>{words}'


def _grid(top: float, choices: int) -> str:
    drawn = []
    for step in range(STEPS + 1):
        y, x = _up(top * step / STEPS, top), _across(step / STEPS)
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{_across(1):.1f}" stroke="#dee2e6"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{top * step / STEPS:,.0f}</text>')
        drawn.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{choices * step // STEPS}</text>'
        )
    drawn.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">clicks lost to who knows every taste, after so many offers</text>')
    return f'<g fill="#495057">{"".join(drawn)}</g>'


def _across(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _up(value: float, top: float) -> float:
    return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM)
