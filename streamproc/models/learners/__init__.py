"""Learners, one per file of this package; a new one is a new file, and known by being there."""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.models.learners.base import LEARNERS, Learner

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["LEARNERS", "Learner"]
