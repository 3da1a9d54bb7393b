"""The one way to the terminal: all that is shown goes through `printable`, and nothing in it is taken for markup.

The linter forbids the other ways (`flake8-tidy-imports.banned-api` in `pyproject.toml`).
"""

from typing import Any

import click
from rich.console import Console
from rich.text import Text

from streamproc.printable import printable


class Terminal(Console):
    """Rich's console for texts that others wrote: no markup, no emoji codes, no links, no highlighting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False} | options)

    def render_str(self, text: str, **how: Any) -> Text:
        """Every string that is printed, also in tables, titles and rules; a line break in it is none."""
        return super().render_str(printable(text), **how)


def styled(*parts: str | tuple[str, str]) -> Text:
    """A line of parts: text, or text with its style."""
    pairs = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((printable(text), style) for text, style in pairs))


def whole(text: str, style: str = "") -> Text:
    """A cell that is never cut off, however narrow the terminal; it may have several lines."""
    return Text("\n".join(map(printable, text.split("\n"))), style=style, overflow="fold")


def say(line: str, *, err: bool = False) -> None:
    """One line, as it is."""
    click.echo(printable(line), err=err)
