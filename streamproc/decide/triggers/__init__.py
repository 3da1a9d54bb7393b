"""Kinds of triggers, one per file of this package; a new kind is a new file.

A block `[[trigger]]` of `config/triggers.toml` names its kind and is then read by that kind's class.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.decide.triggers.base import KINDS, Candidate, TriggerRule

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["KINDS", "Candidate", "TriggerRule"]
