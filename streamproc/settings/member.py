"""The fixed name of this machine's workers in their consumer groups, as long as the data folder lives."""

import secrets
from pathlib import Path

FILE = "member.id"


def member_name(data_dir: Path) -> str:
    """The name in the data folder, made at the first use: whoever has the local copies is the same worker as before."""
    path = data_dir / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(f"member-{secrets.token_hex(8)}")
    except FileExistsError:
        pass
    return path.read_text("ascii")
