"""The key that models and learn's state are signed with: the settings' own, else one in the data folder.

Against two keys of one system: stages that start together on a new data folder must all get the same key, and a key
that a crash cut short must not become one. So a new key is written aside, to the disk, and then given its name, which
only the first one gets.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from streamproc.config_error import ConfigError, Problem
from streamproc.settings.app import MIN_KEY_BYTES, AppSettings
from streamproc.whole_file import to_disk

FILE = "signing.key"


def signing_key(app: AppSettings) -> bytes:
    """The key of the settings, else the one in the data folder, which is made at the first use.

    Raises:
        ConfigError: the file cannot be read or made, or is too short to be a key.
    """
    if app.signing.key is not None:
        return app.signing.key.get_secret_value().encode()
    path = app.runtime.data_dir / FILE
    try:
        key = _read_or_made(path)
    except OSError as error:
        reason = error.strerror or str(error)
        instead = "mend that, or set STREAMPROC_SIGNING__KEY"
        raise _refused(path, f"the signing key cannot be read or made ({reason}): {instead}") from error
    if len(key) < MIN_KEY_BYTES:
        remedy = "put the system's key there, or delete the file to have a new one made"
        raise _refused(path, f"a signing key has {MIN_KEY_BYTES} or more bytes, this has {len(key)}: {remedy}")
    return key


def _read_or_made(path: Path) -> bytes:
    """What the file holds, without the white space around it, as an editor leaves a line's end behind."""
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Put a new key there, unless somebody else has been faster; there never is a file with half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        _write_to_disk(aside, secrets.token_hex(32).encode())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    to_disk(path.parent)


def _write_to_disk(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(str(path), "", message)])
