"""Files and folders that commands write: one that cannot be written is told before any work begins, in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click

from streamproc.cli.failing import CommandFailedError


class OutputFile(click.ParamType):
    """A file to be written; its folder is made if need be."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002
        """The path, if a file can be made there."""
        path = Path(value)
        with _looking_at(path):
            if path.is_dir():
                raise CommandFailedError(f"{path} is a folder: name a file")
            _try_to_write(path.parent, path.name)
        return path


class OutputFolder(click.ParamType):
    """A folder to be filled; it is made if need be."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002
        """The path, if files can be made in it."""
        path = Path(value)
        with _looking_at(path):
            if path.exists() and not path.is_dir():
                raise CommandFailedError(f"{path} is a file: name a folder")
            _try_to_write(path if path.exists() else path.parent, path.name)
        return path


def why_not_written(error: Exception, path: Path) -> str:
    """An error while this was written, as a sentence that names what it is about."""
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        return f"{path} could not be written, its disk is full: make room, then give the same command again"
    return str(error)


@contextmanager
def _looking_at(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        why = getattr(error, "strerror", None) or str(error)
        raise CommandFailedError(f"{path} cannot be written ({why}): name another place") from error


def _try_to_write(folder: Path, name: str) -> None:
    """Make a file for a moment, as the output will be made: beside its name, as far down as there are folders."""
    there = next(each for each in (folder, *folder.parents) if each.exists() or each.is_symlink())
    with NamedTemporaryFile(prefix=f".{name}.", suffix=".partial", dir=there):
        pass
