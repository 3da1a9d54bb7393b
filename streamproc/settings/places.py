"""Where things are: folders, files, and addresses on the network.

Against a variable of the environment that is there and empty, as a deployment writes it whose own variable is not set.
An empty path would be the folder that the process happens to start in, an empty host all addresses of the machine.
"""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from streamproc.config_file import spelled

LAST_PORT = 65_535
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


def named(said: object) -> object:
    """What names a path.

    Raises:
        ValueError: it is empty.
    """
    if isinstance(said, str) and not said.strip():
        raise ValueError("must name a path, and is empty")
    return said


def reachable(said: str) -> str:
    """Addresses as aiokafka reads them.

    >>> reachable("kafka-1:9092, [::1]:9092")
    'kafka-1:9092, [::1]:9092'

    Raises:
        ValueError: one of them is none.
    """
    for each in said.split(","):
        found = _ADDRESS.fullmatch(each.strip())
        if found is None or not 1 <= int(found[1] or 1) <= LAST_PORT:
            raise ValueError(f"{each!r} is no address: write host:port, and several with commas between")
    return said


NamedPath = Annotated[Path, BeforeValidator(named)]
Bootstrap = Annotated[str, AfterValidator(reachable)]
Host = Annotated[str, spelled(r"^\S+$", "a name or an address")]
