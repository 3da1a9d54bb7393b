"""The page that is open at three in the morning: it has every exit code, and its commands are commands."""

import re
from pathlib import Path

import click
import pytest

from streamproc.cli import main
from streamproc.cli.acls import rights
from streamproc.cli.context import Context, default_folder
from streamproc.cli.repair import repair_group
from streamproc.runtime.exits import Exit

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
ROWS = dict(re.findall(r"^\| (\d+) \| (.+?) \| .+? \|$", TEXT, re.MULTILINE))
COMMANDS = sorted(set(re.findall(r"`streamproc repair ([a-z-]+)", TEXT + " ".join(code.remedy for code in Exit))))

RIGHTS = re.search(r"<!-- rights -->\n(.*?)<!-- end of rights -->", TEXT, re.DOTALL)


def test_the_least_rights_are_those_that_follow_from_the_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMPROC_RUNTIME__DATA_DIR", str(tmp_path))
    rows = ["| stage | operations | on | names |", "| --- | --- | --- | --- |"]
    for stage, grant in rights(Context(default_folder("config"), default_folder("topics"))):
        operations = ", ".join(operation.shown for operation in grant.operations)
        names = ", ".join(f"`{name}{'*' * grant.prefixed}`" for name in grant.names)
        rows.append(f"| {stage} | {operations} | {grant.resource} | {names} |")
    assert RIGHTS
    assert RIGHTS[1].splitlines() == rows


def test_every_exit_code_is_explained_in_its_own_words() -> None:
    assert {int(code): meaning for code, meaning in ROWS.items()} == {int(code): code.meaning for code in Exit}


def test_every_repair_is_explained_and_there() -> None:
    assert set(COMMANDS) == set(repair_group.commands)


@pytest.mark.parametrize("code", Exit)
def test_the_command_of_a_remedy_is_taken(code: Exit) -> None:
    for words in re.findall(r"`streamproc ([^`]+)`", code.remedy_for("decide", "shop.customer-events.v1")):
        command: click.Command = main
        rest = words.split()
        while isinstance(command, click.Group):
            command, rest = command.commands[rest[0]], rest[1:]
        with click.Context(command) as context:
            command.parse_args(context, rest)
