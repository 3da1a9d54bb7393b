"""The page that an alert leads to, generated from the operations manual: a console page that Prometheus itself serves.

Against an address in an alert that nobody can click: whoever raises the alert knows its own address, is up, and has
the page for this very release.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt

MANUAL = "docs/operations.md"
FILE = "grafana/consoles/runbook.html"
SECTIONS = ("Alerts", "Exit codes", "Repairs")
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto}td,th{border:1px solid #ccc;padding:.3rem .6rem}"
)


def runbook_files(root: Path) -> dict[Path, bytes]:
    """The page, by its path from the repository's root.

    Raises:
        ValueError: the manual holds what Prometheus would take for a template.
    """
    manual = (root / MANUAL).read_text(encoding="utf-8")
    text = "\n\n".join(section(manual, title) for title in SECTIONS)
    if "{{" in text:
        raise ValueError(f"{MANUAL}: {{{{ begins a template of Prometheus")
    body = MarkdownIt("commonmark").enable("table").render(_without_links(text))
    body = re.sub(r"<h([23])>(.+?)</h\1>", _with_anchor, body)
    head = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>streamproc: runbook</title><style>{STYLE}</style>'
    )
    return {Path(FILE): f"{head}\n{body}".encode()}


def section(manual: str, title: str) -> str:
    """A section of the manual with its heading, up to the next one of the same rank."""
    found = re.search(rf"^## {title}$.*?(?=^## |\Z)", manual, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{MANUAL} has no section {title!r}")
    return found[0].strip()


def anchor(heading: str) -> str:
    """How a heading is addressed, here and on a forge."""
    return heading.lower().replace(" ", "-")


def _with_anchor(heading: re.Match[str]) -> str:
    rank, title = heading.groups()
    return f'<h{rank} id="{anchor(title)}">{title}</h{rank}>'


def _without_links(text: str) -> str:
    """Other pages of the manual are not there."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
