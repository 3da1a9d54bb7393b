"""The results as one self-contained page."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from benchmarks.result import cell_text

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:62rem;color:#1d2530;background:#fff}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-top:1px solid #d5dbe3;padding-top:1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0 1rem;font-size:.9rem}
th,td{padding:.3rem .7rem;border-bottom:1px solid #e3e8ee;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}th{background:#f3f5f8}
.met{color:#12703a}.missed{color:#a42a18}.small{color:#566273;font-size:.85rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;font-size:.9rem}dd{margin:0}
@media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin:0 0 .4rem 1rem}}
"""


def as_page(kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The last result of each benchmark."""
    sections = "".join(_section(name, result) for name, result in kept.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>streamproc benchmarks</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        "<h1>streamproc benchmarks</h1><p>Ratios of one run compare; seconds of a shared machine do not. "
        f"A range is the lowest and the highest of the rounds.</p>{sections}</body></html>\n"
    )


def _section(name: str, result: Mapping[str, Any]) -> str:
    settings = "".join(
        f"<dt>{escape(key)}</dt><dd>{escape(cell_text(v))}</dd>" for key, v in result["settings"].items()
    )
    tables = "".join(_table(table) for table in result["tables"])
    notes = "".join(f'<p class="small">{escape(note)}</p>' for note in result["notes"])
    return (
        f'<h2 id="{escape(name)}">{escape(name)}</h2><p>{escape(result["work"])}</p><dl>{settings}</dl>{tables}'
        f"{_goals(result['goals'])}{notes}"
        f'<p class="small">{escape(result["at"])}, {escape(result["on"])}, '
        f"<code>make bench ONLY={escape(name)}</code></p>"
    )


def _table(table: Mapping[str, Any]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table["columns"])
    rows = "".join(_row(row) for row in table["rows"])
    return f'<h3>{escape(table["title"])}</h3><div class="scroll"><table><tr>{head}</tr>{rows}</table></div>'


def _row(row: Sequence[Any]) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell_text(cell))}</td>" for cell in row) + "</tr>"


def _goals(goals: Sequence[Mapping[str, Any]]) -> str:
    lines = "".join(
        f'<li class="{"met" if goal["met"] else "missed"}">{"met" if goal["met"] else "missed"}: '
        f"{escape(goal['what'])}: {escape(goal['measured'])} (goal {escape(goal['wanted'])})</li>"
        for goal in goals
    )
    return f"<ul>{lines}</ul>" if lines else ""
