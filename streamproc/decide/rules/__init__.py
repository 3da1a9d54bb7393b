"""The rules of the policy, one per file of this package; a new rule is a new file.

Each says at which rank it is asked; the first that refuses is the reason.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.decide.rules.base import RULES, Channels, Refusal, Wish, in_order, rule

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["RULES", "Channels", "Refusal", "Wish", "in_order", "rule"]
