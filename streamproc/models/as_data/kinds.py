"""The closed list of classes whose objects may be data, and objects as parts of others.

Data name a class by a short name that is looked up here; nothing is ever imported by a name out of data. Who adds a
kind of model declares its classes as `health_kinds` does, and adds that module to `known.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from streamproc.models.as_data.shapes import Fields, Shape, refuse

MODELS = (
    "Pipeline", "RewardModel", "QuantileModel", "Ranker", "RfmModel", "RfmFifths", "ClustersModel", "ReleasedClusters",
    "UpliftModel", "ReleasedUplift",
)  # fmt: skip
"""The short names of what learners make."""

KIND = "is"
"""The field with a part's short name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class, and all that its objects hold.

    Attributes:
        cls: the class; its own name is its short name.
        shapes: the shape of each attribute. If the class gets another one, writing fails rather than forgets it.
        read: what an object holds, if not its attributes.
        make: makes an object of what was read; without it, a new object gets the attributes.
    """

    cls: type
    shapes: Mapping[str, Shape]
    read: Callable[[Any], Mapping[str, Any]] = vars
    make: Callable[[Mapping[str, Any]], Any] | None = None

    def to_data(self, value: Any) -> object:
        """The object as a table with its short name."""
        return {KIND: self.cls.__name__} | Fields(self.shapes).to_data(self.read(value))

    def from_data(self, data: object, place: str) -> Any:
        """The object of its table without the short name."""
        held = Fields(self.shapes).from_data(data, place)
        if self.make is not None:
            return self.make(held)
        made: Any = object.__new__(self.cls)
        vars(made).update(held)
        return made


_DECLARED: dict[str, Kind] = {}


def declare(*kinds: Kind) -> None:
    """Put classes on the list.

    Raises:
        ValueError: one of that name is there already.
    """
    for kind in kinds:
        if kind.cls.__name__ in _DECLARED:
            raise ValueError(f"two kinds have the name {kind.cls.__name__}")
        _DECLARED[kind.cls.__name__] = kind


@dataclass(frozen=True, slots=True)
class Part:
    """An object of one of these kinds."""

    names: tuple[str, ...]

    def to_data(self, value: Any) -> object:
        """The object as data of its kind."""
        name = type(value).__name__
        kind = _DECLARED.get(name) if name in self.names else None
        if kind is None or type(value) is not kind.cls:
            raise TypeError(f"{type(value)} cannot stand here: allowed are {', '.join(self.names)}")
        return kind.to_data(value)

    def from_data(self, data: object, place: str) -> Any:
        """The object."""
        name = data.get(KIND) if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(name, str) or name not in self.names:
            refuse(place, f"one of the kinds {', '.join(self.names)}")
        fields = {field: held for field, held in data.items() if field != KIND}
        return _DECLARED[name].from_data(fields, place)


def part(*names: str) -> Part:
    """The shape of an object of one of these kinds."""
    return Part(names)
