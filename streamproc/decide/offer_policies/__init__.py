"""Ways to choose an offer, one per file of this package; a new way is a new file.

The table `[policy]` of `config/offers.toml` names its kind and is then read by that kind's class.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.decide.offer_policies.base import KINDS, OfferPolicy
from streamproc.decide.offer_policies.epsilon_greedy import EpsilonGreedy

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

DEFAULT = EpsilonGreedy()
"""What counts if the file says nothing."""

__all__ = ["DEFAULT", "KINDS", "OfferPolicy"]
