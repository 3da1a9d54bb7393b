"""Shapes of values: how each becomes plain data, and what is let through on the way back.

A shape takes nothing for granted: of data that are not of the shape it raises `SnapshotError`, with the place, and
nothing else. That a value of our own has another shape is a fault of the code: `TypeError`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, NoReturn, Protocol

from streamproc.models.snapshot_error import SnapshotError

MAX_WHOLE = 2**53
MAX_NAME = 200
MAX_ENTRIES = 10_000
NOT_FINITE = ("nan", "inf", "-inf")
"""JSON has no numbers for these; a learner may hold them, and must come back as it was."""


class Shape(Protocol):
    """What a value of this shape is as data."""

    def to_data(self, value: Any) -> object:
        """The value as data.

        Raises:
            TypeError: it is not of this shape.
        """
        ...

    def from_data(self, data: object, place: str) -> Any:
        """The value of data that stand at this place.

        Raises:
            SnapshotError: they are not of this shape.
        """
        ...


def refuse(place: str, wanted: str) -> NoReturn:
    """Say where something else stands than what must."""
    raise SnapshotError(f"{place.lstrip('.') or 'it'} must be {wanted}")


@dataclass(frozen=True, slots=True)
class Real:
    """A float, to the last bit."""

    at_least: float = -inf

    def to_data(self, value: Any) -> object:
        """A number, else one of the texts of those that are none."""
        if not isinstance(value, float):
            raise TypeError(f"{value!r} is no float")
        return float(value) if isfinite(value) else repr(float(value))

    def from_data(self, data: object, place: str) -> float:
        """The float."""
        number = float(data) if isinstance(data, str) and data in NOT_FINITE else data
        if not isinstance(number, float) or number < self.at_least:
            refuse(place, "a float" if self.at_least == -inf else f"a float of at least {self.at_least:g}")
        return number


@dataclass(frozen=True, slots=True)
class Whole:
    """An int that is a float without loss, too: up to 2 to the 53rd."""

    at_least: int = 0

    def to_data(self, value: Any) -> object:
        """The int."""
        if type(value) is not int or not self.at_least <= value <= MAX_WHOLE:
            raise TypeError(f"{value!r} is no int of {self.at_least} to {MAX_WHOLE}")
        return value

    def from_data(self, data: object, place: str) -> int:
        """The int."""
        if type(data) is not int or not self.at_least <= data <= MAX_WHOLE:
            refuse(place, f"a whole number of {self.at_least} to {MAX_WHOLE}")
        return data


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def to_data(self, value: Any) -> object:
        """The bool."""
        if not isinstance(value, bool):
            raise TypeError(f"{value!r} is no bool")
        return value

    def from_data(self, data: object, place: str) -> bool:
        """The bool."""
        return data if isinstance(data, bool) else refuse(place, "true or false")


@dataclass(frozen=True, slots=True)
class Name:
    """A short text."""

    def to_data(self, value: Any) -> object:
        """The text."""
        if not isinstance(value, str) or len(value) > MAX_NAME:
            raise TypeError(f"{value!r} is no text of up to {MAX_NAME} characters")
        return value

    def from_data(self, data: object, place: str) -> str:
        """The text."""
        if not isinstance(data, str) or len(data) > MAX_NAME:
            refuse(place, f"a text of up to {MAX_NAME} characters")
        return data


@dataclass(frozen=True, slots=True)
class Always:
    """One value and no other: what we never set to anything else, since other code depends on it."""

    only: bool | int | float | str | None

    def to_data(self, value: Any) -> object:
        """The value."""
        if not self._is(value):
            raise TypeError(f"{value!r} is not {self.only!r}")
        return value

    def from_data(self, data: object, place: str) -> Any:
        """The value."""
        return data if self._is(data) else refuse(place, repr(self.only))

    def _is(self, value: object) -> bool:
        return type(value) is type(self.only) and value == self.only


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values of one shape, of so many at least."""

    each: Shape
    at_least: int = 0

    def to_data(self, value: Iterable[Any]) -> object:
        """The list."""
        return [self.each.to_data(one) for one in value]

    def from_data(self, data: object, place: str) -> list[Any]:
        """The list."""
        if not isinstance(data, list) or not self.at_least <= len(data) <= MAX_ENTRIES:
            refuse(place, f"a list of {self.at_least} to {MAX_ENTRIES} entries")
        return [self.each.from_data(one, f"{place}[{number}]") for number, one in enumerate(data)]


@dataclass(frozen=True, slots=True)
class Row:
    """A list of values of these shapes, one each, made anew by `make`."""

    each: tuple[Shape, ...]
    make: Callable[[Iterable[Any]], Any] = list

    def to_data(self, value: Iterable[Any]) -> object:
        """The list."""
        return [shape.to_data(one) for shape, one in zip(self.each, value, strict=True)]

    def from_data(self, data: object, place: str) -> Any:
        """The values."""
        if not isinstance(data, list) or len(data) != len(self.each):
            refuse(place, f"a list of {len(self.each)} entries")
        return self.make(shape.from_data(data[at], f"{place}[{at}]") for at, shape in enumerate(self.each))


@dataclass(frozen=True, slots=True)
class Wholes:
    """A list of ints from 0 up, looked at all at once: there may be many."""

    def to_data(self, value: list[int]) -> object:
        """The list."""
        if not self._are(value):
            raise TypeError("they are no ints from 0 up")
        return value

    def from_data(self, data: object, place: str) -> list[int]:
        """The list."""
        return (
            data if isinstance(data, list) and self._are(data) else refuse(place, "a list of whole numbers from 0 up")
        )

    @staticmethod
    def _are(numbers: list[Any]) -> bool:
        return len(numbers) <= MAX_ENTRIES and all(type(each) is int and 0 <= each <= MAX_WHOLE for each in numbers)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping in its order, which counts when floats are added up, made anew by `make`."""

    key: Shape
    value: Shape
    make: Callable[[list[tuple[Any, Any]]], Any] = dict

    def to_data(self, value: Mapping[Any, Any]) -> object:
        """A list of keys and values."""
        return [[self.key.to_data(key), self.value.to_data(held)] for key, held in value.items()]

    def from_data(self, data: object, place: str) -> Any:
        """The mapping."""
        if not isinstance(data, list) or len(data) > MAX_ENTRIES:
            refuse(place, f"a list of up to {MAX_ENTRIES} pairs")
        pairs = [self._pair(pair, f"{place}[{number}]") for number, pair in enumerate(data)]
        if len({key for key, _ in pairs}) != len(pairs):
            refuse(place, "without a key that comes twice")
        return self.make(pairs)

    def _pair(self, data: object, place: str) -> tuple[Any, Any]:
        if not isinstance(data, list) or len(data) != 2:  # noqa: PLR2004  a pair
            refuse(place, "a pair")
        key = self.key.from_data(data[0], f"{place}.key")
        return key, self.value.from_data(data[1], f"{place}.value")


@dataclass(frozen=True, slots=True)
class Fields:
    """A table of exactly these fields."""

    shapes: Mapping[str, Shape]

    def to_data(self, value: Mapping[str, Any]) -> dict[str, object]:
        """The table."""
        if value.keys() != self.shapes.keys():
            raise TypeError(f"{_named(value.keys() ^ self.shapes.keys())}: not in both, the value and its shape")
        return {name: shape.to_data(value[name]) for name, shape in self.shapes.items()}

    def from_data(self, data: object, place: str) -> dict[str, Any]:
        """The values by name."""
        if not isinstance(data, dict) or data.keys() != self.shapes.keys():
            refuse(place, f"a table of {_named(self.shapes.keys())}")
        return {name: shape.from_data(data[name], f"{place}.{name}") for name, shape in self.shapes.items()}


def _named(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
