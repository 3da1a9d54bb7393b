"""Where features register themselves."""

from collections.abc import Callable

from streamproc.customer.view import CustomerView

FEATURES: dict[str, Callable[[CustomerView], float]] = {}
"""Every feature by its name."""


def feature(function: Callable[[CustomerView], float]) -> Callable[[CustomerView], float]:
    """Make a function a feature, under its own name.

    Raises:
        ValueError: there is one of that name.
    """
    name = function.__name__
    if name in FEATURES:
        raise ValueError(f"feature {name!r} is defined twice")
    FEATURES[name] = function
    return function
