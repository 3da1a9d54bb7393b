"""An output that cannot be written: one sentence before any work begins, or a clear one when the disk gets full."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.cli.output import OutputFile, OutputFolder
from tests.offline.backtest.shop import dumped, some_orders

WRITING = {
    "replay": ["replay", "input"],
    "backtest": ["backtest", "input"],
    "dump": ["dump", "shop.purchase.v1"],
    "dlq show": ["dlq", "show", "shop.purchase.v1"],
    "import csv": ["import", "csv", "input", "--mapping", "input"],
    "import online-retail": ["import", "online-retail", "--csv", "input"],
    "import complete-journey": ["import", "complete-journey", "--csv", "input"],
    "import prices": ["import", "prices", "input"],
}
"""Every command with an `--out`; none of these inputs can be worked with, and there is no Kafka."""


def outputs(group: click.Group = main, before: str = "") -> Iterator[tuple[str, click.ParamType]]:
    """Every command with an output, and the type of that."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from outputs(command, f"{before}{name} ")
        for option in command.params:
            if "--out" in option.opts:
                yield f"{before}{name}", option.type


def a_file_or_a_folder_instead(folder: Path, output: click.ParamType) -> Path:
    path = folder / "there"
    if isinstance(output, OutputFile):
        path.mkdir()
    else:
        path.write_text("somebody's")
    return path


def below_a_file(folder: Path, _: object) -> Path:
    (folder / "file").write_text("somebody's")
    return folder / "file" / "new" / "out"


def symlink_loop(folder: Path, _: object) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop" / "out"


def too_long(folder: Path, _: object) -> Path:
    return folder / ("x" * 300)


def too_long_beside_its_name(folder: Path, _: object) -> Path:
    return folder / ("x" * 250)


def of_the_kernel(_: Path, __: object) -> Path:
    return Path("/proc/streamproc/out")


PLACES = [a_file_or_a_folder_instead, below_a_file, symlink_loop, too_long, too_long_beside_its_name, of_the_kernel]


def call(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: object) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("STREAMPROC_RUNTIME__DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("STREAMPROC_KAFKA__BOOTSTRAP", "127.0.0.1:1")
    return CliRunner().invoke(main, [str(word) for word in words])


def test_every_output_is_looked_at_before_the_command_begins() -> None:
    found = dict(outputs())
    assert found.keys() == WRITING.keys()
    assert all(isinstance(output, OutputFile | OutputFolder) for output in found.values())


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("place", PLACES)
def test_an_output_that_cannot_be_is_told_in_one_sentence_before_any_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, place: Callable[[Path, object], Path]
) -> None:
    (tmp_path / "input").write_text("nonsense")
    out = place(tmp_path, dict(outputs())[command])
    before = sorted(tmp_path.rglob("*"))
    result = call(tmp_path, monkeypatch, *WRITING[command], "--out", out)
    (line,) = result.output.splitlines()
    assert result.exit_code == 2
    assert line.startswith(f"Error: {out} ")
    assert line.endswith((": name another place", ": name a file", ": name a folder"))
    assert sorted(tmp_path.rglob("*")) == before


def test_of_two_replays_the_second_place_is_looked_at_before_the_first_one_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "input").write_text("nonsense")
    (tmp_path / "out" / "b").mkdir(parents=True)
    (tmp_path / "out" / "b" / "letter.txt").write_text("somebody's")
    against = Path(__file__).parents[2] / "config"
    result = call(tmp_path, monkeypatch, "replay", "input", "--out", tmp_path / "out", "--against", against)
    assert (result.exit_code, "holds something else than a replay" in result.output) == (2, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [["replay"], ["replay", "--jobs", "2"], ["backtest"]])
def test_a_disk_that_gets_full_is_named_and_with_room_the_same_command_does_it(
    tmp_path: Path, almost_full: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    dump, out = dumped(tmp_path, some_orders()), almost_full / "out"
    result = call(tmp_path, monkeypatch, *words, dump, "--out", out)
    (line,) = result.output.splitlines()
    full = f"Error: {out} could not be written, its disk is full: make room, then give the same command again"
    assert (result.exit_code, line) == (2, full)
    assert [path.name for path in almost_full.rglob("*") if path != out] == ["other-things"]
    (almost_full / "other-things").unlink()
    assert call(tmp_path, monkeypatch, *words, dump, "--out", out).exit_code == 0
