"""The environment over `config/app.toml`: `STREAMPROC_KAFKA__BOOTSTRAP=host:9092` sets `bootstrap` in `[kafka]`."""

import os
from collections.abc import Mapping
from typing import Any

from streamproc.config_file import FromEnvironment

PREFIX = "STREAMPROC_"
SUPERVISOR = "STREAMPROC_SUPERVISOR_"
"""What a supervisor tells its workers begins so."""

OTHERS = ("STREAMPROC_CONFIG", "STREAMPROC_TEST_", SUPERVISOR)
"""Variables that are not settings of the file."""


def overlaid(tables: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The tables with the environment's values in them.

    Values stay text, so that a password may be a number; the settings' own types read numbers and lists (with commas)
    out of it.
    """
    result: dict[str, Any] = {
        name: overlaid(table, {}) if isinstance(table, Mapping) else table for name, table in tables.items()
    }
    for name, value in sorted((os.environ if environ is None else environ).items()):
        if not name.startswith(PREFIX) or name.startswith(OTHERS):
            continue
        *path, key = name.removeprefix(PREFIX).lower().split("__")
        table = result
        for part in path:
            if not isinstance(table.get(part), dict):
                table[part] = {}
            table = table[part]
        table[key] = FromEnvironment(value)
    return result
