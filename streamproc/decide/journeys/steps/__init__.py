"""Kinds of steps of journeys, one per file of this package; a new kind is a new file."""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.decide.journeys.steps.base import END, KINDS, Here, JourneyStep, Went

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["END", "KINDS", "Here", "JourneyStep", "Went"]
