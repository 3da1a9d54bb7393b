"""Features: numbers about a customer at a moment, each a function with `@feature` in a file of this package.

A feature's name is the function's name. Counts and sums over windows need no function: `config/features.toml` declares
them (`customer/declared/`). All can be used in the conditions of triggers, offers and segments and in the models of
`config/models.toml`. A feature sees the state and the time only, so it cannot look into the future.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from streamproc.customer.features.registry import FEATURES, LABELS, NAMED, feature
from streamproc.customer.view import CustomerView

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

Feature = Callable[[CustomerView], float]


class Features(dict[str, float]):
    """The features of one customer at one moment, each computed when it is first asked for.

    `functions` are those that there are: of the code alone, or with those that are declared (`Plan.functions`).
    """

    __slots__ = ("_functions", "view")

    def __init__(self, view: CustomerView, functions: Mapping[str, Feature] = FEATURES) -> None:
        super().__init__()
        self.view = view
        self._functions = functions

    def __missing__(self, name: str) -> float:
        value = self[name] = self._functions[name](self.view)
        return value

    def text(self, name: str) -> str:
        """What a feature that is a category says in words; empty: not known."""
        return LABELS[name](self._functions[name], self.view)

    def vector(self, names: Iterable[str]) -> tuple[float, ...]:
        """The values of these features, rounded to four decimals as they are stored."""
        return tuple([round(self[name], 4) for name in names])


__all__ = ["FEATURES", "LABELS", "NAMED", "Feature", "Features", "feature"]
