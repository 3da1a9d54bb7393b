"""How events change what is known of a customer: one file per family of events."""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.customer.folds.erasing import refused_late
from streamproc.customer.folds.registry import fold, handled, refused_conflict, seen_before

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["fold", "handled", "refused_conflict", "refused_late", "seen_before"]
