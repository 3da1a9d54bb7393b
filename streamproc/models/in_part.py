"""Loading of River only what is named, and not all that stands beside it.

Each of River's packages loads all of its modules when the first is asked for, and one of its metrics, a tree and a
distribution load all of scipy.stats. That took three of the four seconds of CPU in which a worker with a model started,
and nothing of it was used. Within `in_part` a package of River is only a place to find modules in; what its `__init__`
does, it does when somebody asks it for a name that is no module. Were River to be built otherwise one day, more would
be loaded again, and all work as before.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

RIVER = "river"
ONLY_FOR_AREAS = "scipy.integrate"
"""What River needs of SciPy for nothing but the area under a curve, when somebody asks for that."""


@contextmanager
def in_part() -> Iterator[None]:
    """Import in the block what is needed, by the module that defines it."""
    sys.meta_path.insert(0, _FINDER)
    try:
        yield
    finally:
        sys.meta_path.remove(_FINDER)


def know(package: str, *classes: type) -> None:
    """Have a package know its own classes by their names, for modules in it that ask it for them."""
    for cls in classes:
        setattr(import_module(package), cls.__name__, cls)


class _Package(ModuleType):
    """A package whose `__init__` has not run yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        module = f"{self.__name__}.{name}"
        if find_spec(module) is not None:
            return import_module(module)
        loader = vars(self)["__loader__"]
        self.__class__ = ModuleType  # type: ignore[assignment]  # from here on it is as any other
        loader.whole.exec_module(self)
        return getattr(self, name)


class _NotYet(Loader):
    """Makes a package and leaves its `__init__`, which `whole` would run."""

    def __init__(self, whole: Loader) -> None:
        self.whole = whole

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it."""


class _Finder:
    """Finds the packages that are loaded in part."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the package is; None if another finder is to look."""
        if name != ONLY_FOR_AREAS and name.rpartition(".")[0] != RIVER:
            return None
        found = PathFinder.find_spec(name, path)
        if found is not None and found.loader is not None and found.submodule_search_locations is not None:
            found.loader = _NotYet(found.loader)
        return found


_FINDER = _Finder()
