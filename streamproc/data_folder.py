"""A data folder that cannot be used is a mistake in the settings, told in one sentence, whoever finds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from streamproc.config_error import ConfigError, Problem

REMEDY = "choose one that you may write: [runtime] data_dir, or STREAMPROC_RUNTIME__DATA_DIR"


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Work in a data folder.

    Raises:
        ConfigError: the system does not let us, or RocksDB could not: it takes names in UTF-8 only.
    """
    try:
        str(folder).encode()
        yield
    except UnicodeEncodeError as error:
        raise _unusable(folder, "its name is not UTF-8") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise _unusable(folder, getattr(error, "strerror", None) or str(error)) from error


def prepare(folder: Path) -> Path:
    """The folder, made if need be; files can be made in it.

    Raises:
        ConfigError: it cannot be used.
    """
    with in_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    return folder


def _unusable(folder: Path, why: str) -> ConfigError:
    shown = str(folder).encode("utf-8", "backslashreplace").decode()
    return ConfigError([Problem("runtime.data_dir", shown, f"this folder cannot be used ({why}): {REMEDY}")])
