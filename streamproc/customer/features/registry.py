"""Where features register themselves."""

from collections.abc import Callable

from streamproc.customer.view import CustomerView

Function = Callable[[CustomerView], float]

FEATURES: dict[str, Function] = {}
"""Every feature by its name."""

LABELS: dict[str, Callable[[float], str]] = {}
"""Of features that are categories for a model, the text of each value by the feature's name; empty: not known."""


def category(label: Callable[[float], str]) -> Callable[[Function], Function]:
    """Make a feature a category for models: its values are names, and none is more than another."""

    def register(function: Function) -> Function:
        LABELS[function.__name__] = label
        return function

    return register


def feature(function: Function) -> Function:
    """Make a function a feature, under its own name.

    Raises:
        ValueError: there is one of that name.
    """
    name = function.__name__
    if name in FEATURES:
        raise ValueError(f"feature {name!r} is defined twice")
    FEATURES[name] = function
    return function
