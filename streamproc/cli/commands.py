"""The commands of a group, each loaded when it is called: all together they take longer to load than most to work."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, as a group holds them.

    Args:
        places: where each is, `file:attribute` in this room.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        """The command, loaded now if it was not before."""
        if name not in self._loaded:
            file, _, attribute = self._places[name].partition(":")
            self._loaded[name] = getattr(import_module(f"{__package__}.{file}"), attribute)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add one that is loaded already."""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Take one away."""
        self._loaded.pop(name, None)
        self._places.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._places | dict.fromkeys(self._loaded, ""))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places.keys() | self._loaded.keys())
