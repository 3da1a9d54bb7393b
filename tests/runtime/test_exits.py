"""Each exit code says what happened and what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from streamproc.runtime.exits import Exit, describe_error

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("code", Exit)
def test_each_code_has_a_meaning_and_a_remedy_of_one_line(code: Exit) -> None:
    assert code.meaning
    assert code.remedy
    assert "\n" not in code.meaning + code.remedy


def test_codes_from_80_on_and_wrong_configuration_need_somebody() -> None:
    assert [code for code in Exit if not code.mends_itself] == [2, *(code for code in Exit if code >= 80)]


def test_a_fatal_error_is_one_line_and_the_code() -> None:
    program = "from streamproc.runtime.exits import Exit, fatal; fatal(Exit.OFFSETS, 'events-0', 'a\\nb')"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.OFFSETS
    assert ended.stderr == (
        "streamproc: events-0: the committed offset is not in the log any more: a b"
        " -> records are lost; go on where the log begins: "
        "`streamproc repair move STAGE TOPIC --to earliest` [exit 82]\n"
    )


def test_an_error_is_described_with_its_place() -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int("x")
    said = describe_error(raised.value)
    assert said.startswith("ValueError: invalid literal")
    assert f"{__file__}:" in said
