"""Where features register themselves."""

from collections.abc import Callable

from streamproc.customer.categories import Named
from streamproc.customer.view import CustomerView

Function = Callable[[CustomerView], float]

FEATURES: dict[str, Function] = {}
"""Every feature by its name."""

LABELS: dict[str, Callable[[Function, CustomerView], str]] = {}
"""Of features that are categories, by their names: what one says in words, as a shop has set it; empty: not known."""


NAMED: dict[str, Callable[[CustomerView], str]] = {}
"""Features that say names: conditions compare these, and no numbers."""


def category(label: Callable[[float], str]) -> Callable[[Function], Function]:
    """Make a feature a category for models: its values are names, and none is more than another."""

    def register(function: Function) -> Function:
        LABELS[function.__name__] = lambda feature, view: label(feature(view))
        return function

    return register


def feature(function: Function) -> Function:
    """Make a function a feature, under its own name.

    Raises:
        ValueError: there is one of that name.
    """
    _add(function.__name__, function)
    return function


def names(function: Callable[[CustomerView], str]) -> Callable[[CustomerView], str]:
    """Make a function that says a name a feature, under its own name; a category for models.

    Raises:
        ValueError: there is one of that name.
    """
    name = function.__name__
    _add(name, Named(function))
    NAMED[name], LABELS[name] = function, _name_said
    return function


def _add(name: str, made: Function) -> None:
    if name in FEATURES:
        raise ValueError(f"feature {name!r} is defined twice")
    FEATURES[name] = made


def _name_said(feature: Function, view: CustomerView) -> str:
    return feature.text(view) if isinstance(feature, Named) else ""
