"""The rules of the policy, one per file of this package, asked in the order of `ORDER`.

A new rule is a new file and its name in that list. The first that refuses is the reason.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.decide.rules.base import RULES, Channels, Refusal, Rule, Wish, rule

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

ORDER = (
    "stale",
    "consent",
    "undeliverable",
    "suppression_list",
    "holdout",
    "eligibility",
    "cool_down",
    "caps",
    "quiet_hours",
    "arbitration",
    "campaign",
)


def in_order() -> tuple[tuple[str, Rule], ...]:
    """The rules with their names, as they are asked.

    Raises:
        LookupError: there is a rule that `ORDER` does not name.
    """
    if missing := sorted(RULES.keys() - set(ORDER)):
        raise LookupError(f"when is the rule {missing[0]} asked? name it in ORDER")
    return tuple((name, RULES[name]) for name in ORDER)


__all__ = ["ORDER", "RULES", "Channels", "Refusal", "Rule", "Wish", "in_order", "rule"]
