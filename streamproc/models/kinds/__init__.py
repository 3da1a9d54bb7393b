"""Kinds of predictions, one per file of this package; a new kind is a new file.

A table of `config/models.toml` names its kind, or has its name, and is then read by that kind's class.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.models.kind import KINDS, Change, Prediction

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["KINDS", "Change", "Prediction"]
