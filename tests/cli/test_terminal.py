"""Whatever others wrote into ids, traits and names: a terminal shows it, and obeys nothing of it."""

import io
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from rich.table import Table

from streamproc.cli import Streamproc, main
from streamproc.cli.customer_page import show
from streamproc.cli.failing import UNEXPECTED
from streamproc.cli.stage_lines import StageLines
from streamproc.cli.telling import told
from streamproc.cli.terminal import Terminal
from streamproc.customer.cart_acts import CartAct, CartActs, Did, Line
from streamproc.customer.state import Customer
from tests.builders import plan

NASTY = [
    "[/red]",
    "[/x]",
    "[link=https://evil.example]click[/link]",
    "\x1b]0;owned\x07\x1b[2Jmug",
    "c\x9b2Jx",
    "a\nfaked line",
    "\u202eevil",
    ":smile:",
]


class Screen(Terminal):
    """A wide terminal with colours that keeps what it is sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"file": io.StringIO(), "force_terminal": True, "width": 300} | options)

    @property
    def sent(self) -> str:
        assert isinstance(self.file, io.StringIO)
        return self.file.getvalue()


def harmless(screen: Screen, lines: int) -> None:
    sent = screen.sent
    assert sent.count("\n") == lines
    assert "evil" not in sent or "\u202e" not in sent
    for obeyed in ("\x1b]", "\x1b[2J", "\x9b", "\u202e", "\x07"):
        assert obeyed not in sent


@pytest.mark.parametrize("text", NASTY)
def test_a_line_a_cell_a_title_and_a_decision_show_it_in_one_line(text: str) -> None:
    screen = Screen()
    screen.print(text)
    screen.rule(text)
    table = Table(box=None, show_header=False)
    table.add_row(text)
    screen.print(table)
    screen.print(told("topic", orjson.dumps({"type": text})))
    StageLines(screen, as_json=False).say("decide", text)
    harmless(screen, 5)


def an_act(sku: str) -> CartActs:
    return CartActs.of([CartAct(0, Did.ADDED, "k", (Line(sku, 1, (1,)),))])


@pytest.mark.parametrize("text", NASTY)
def test_a_customer_with_such_an_id_cart_and_traits_is_shown(text: str) -> None:
    screen = Screen()
    plain = Customer("c/1", 0, 0, cart_acts=an_act("mug"), traits={"city": "Ghent"})
    show(screen, plain, plan(), 0, 0)
    lines = screen.sent.count("\n")
    screen = Screen()
    nasty = Customer(f"c/{text}", 0, 0, cart_acts=an_act(text), traits={text: text})
    show(screen, nasty, plan(), 0, 0)
    harmless(screen, lines)


@pytest.mark.parametrize("text", ["a\nfaked: line", "\x1b[2J"])
def test_an_error_quotes_it_harmlessly(text: str) -> None:
    found = CliRunner().invoke(main, ["check", text])
    assert found.exit_code == 2
    assert text not in found.output


def test_a_crash_is_one_line_and_never_says_different() -> None:
    group = Streamproc("streamproc")

    @group.command()
    def crash() -> None:
        raise KeyError("gone")

    found = CliRunner().invoke(group, ["crash"])
    assert (found.exit_code, found.output.count("\n")) == (UNEXPECTED, 1)
    assert "KeyError" in found.output
