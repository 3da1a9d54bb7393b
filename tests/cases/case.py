"""A case: small inputs, the commands that a user types, and what must come out.

A folder of `situations/` holds the inputs and `case.toml`:

* `situation`: one line about it.
* `run`: command lines, one after the other, in a copy of the folder. A word with `*` becomes the names of all files
  that fit. `mend FILES OLD NEW` replaces text in files, as a person would in an editor.
* `may_fail = true`: a command may exit with something else than 0; otherwise none may.
* `[[expect]]`: what must hold (`expecting.py`).

The shop's configuration lies beside the inputs; each file in a case's own `config/` is appended to the one of its name.
"""

import shlex
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from click.testing import CliRunner

from streamproc.cli import main

CHECKOUT = Path(__file__).parents[2]
SITUATIONS = Path(__file__).parent / "situations"

Table = dict[str, Any]


@dataclass
class Ran:
    """A case's folder after its commands, what they said, and their exit codes."""

    folder: Path
    said: str = ""
    codes: list[int] = field(default_factory=list)

    def records(self, pattern: str) -> Iterator[Table]:
        """The JSON objects of all files that fit the pattern."""
        for path in sorted(self.folder.glob(pattern)):
            yield from map(orjson.loads, filter(None, path.read_bytes().split(b"\n")))


def read(name: str) -> Table:
    """What `case.toml` says."""
    return tomllib.loads((SITUATIONS / name / "case.toml").read_text(encoding="utf-8"))


def prepare(name: str, folder: Path) -> None:
    """A copy of the case with the shop's configuration."""
    shutil.copytree(SITUATIONS / name, folder, dirs_exist_ok=True)
    own = {path.name: path.read_text(encoding="utf-8") for path in (folder / "config").glob("*")}
    shutil.copytree(CHECKOUT / "config", folder / "config", dirs_exist_ok=True)
    for file, text in own.items():
        with (folder / "config" / file).open("a", encoding="utf-8") as shipped:
            shipped.write(f"\n{text}")


def run(case: Table, folder: Path) -> Ran:
    """Run the commands; the working directory must be `folder`."""
    ran = Ran(folder)
    for line in case["run"]:
        words = [sorted(map(str, folder.glob(word))) if "*" in word else [word] for word in shlex.split(line)]
        program, *arguments = chain(*words)
        if program == "mend":
            _mend(folder, arguments)
        else:
            result = CliRunner().invoke(main, arguments, catch_exceptions=False)
            ran.codes.append(result.exit_code)
            ran.said += result.output
    return ran


def _mend(folder: Path, arguments: list[str]) -> None:
    *names, old, new = arguments
    for path in (folder / name for name in names):
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
