"""The fixed name of this machine's workers in their consumer groups, as long as the data folder lives."""

import secrets
from pathlib import Path

from streamproc.data_folder import in_folder
from streamproc.whole_file import write_whole

FILE = "member.id"


def member_name(data_dir: Path) -> str:
    """The name in the data folder, made at the first use: whoever has the local copies is the same worker as before.

    Raises:
        ConfigError: the folder cannot be used.
    """
    path = data_dir / FILE
    with in_folder(data_dir):
        if not path.exists() or not path.read_text("ascii"):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, f"member-{secrets.token_hex(8)}".encode())  # an empty name would stop every later start
        return path.read_text("ascii")
