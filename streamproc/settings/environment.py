"""The environment over `config/app.toml`: `STREAMPROC_KAFKA__BOOTSTRAP=host:9092` sets `bootstrap` in `[kafka]`."""

import os
from collections.abc import Mapping
from typing import Any

PREFIX = "STREAMPROC_"
OTHERS = ("STREAMPROC_CONFIG", "STREAMPROC_TEST_")
"""Variables that are not settings of the file."""


def overlaid(tables: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The tables with the environment's values in them.

    A value is taken as TOML where it is a whole number, a fraction, or true/false, else as text.
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
            table = table.setdefault(part, {})
        table[key] = _value(value)
    return result


def _value(text: str) -> str | int | float | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
