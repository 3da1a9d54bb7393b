"""Formats of raw messages, one adapter per file of this package; a new format is a new file.

A raw topic's file in `topics/` names the adapter that reads it; a record may name another one in a header.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.events.adapters.base import (
    ADAPTER_HEADER,
    ADAPTERS,
    NATIVE,
    Adapted,
    Adapter,
    Headers,
    adapter,
    adapter_header,
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "ADAPTERS",
    "ADAPTER_HEADER",
    "NATIVE",
    "Adapted",
    "Adapter",
    "Headers",
    "adapter",
    "adapter_header",
]
