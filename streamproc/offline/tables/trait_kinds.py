"""Traits of a table that are text although each value is a number or a flag: no comparison would ever fit them."""

from collections.abc import Mapping
from typing import Any

from streamproc.offline.tables.format import FileFormat
from streamproc.offline.tables.mapping import Mapping as TableMapping
from streamproc.offline.tables.values import Reading

Kinds = tuple[str, ...]


class TraitKinds:
    """Watches the traits for which the mapping says no `kind`."""

    def __init__(self, mapping: TableMapping) -> None:
        self._reading = _reading(mapping.file)
        self._could_be: dict[str, Kinds] = {
            name: ("number", "flag") for name, cell in mapping.traits.items() if cell.kind is None
        }
        self._seen: set[str] = set()

    def see(self, traits: Mapping[str, Any]) -> None:
        """The traits of one customer."""
        for name in self._could_be.keys() & traits.keys():
            self._seen.add(name)
            self._could_be[name] = tuple(kind for kind in self._could_be[name] if self._is(kind, traits[name]))

    @property
    def found(self) -> dict[str, str]:
        """The traits of which each value is a number or a flag, and which of these."""
        return {name: kinds[0] for name, kinds in self._could_be.items() if kinds and name in self._seen}

    def _is(self, kind: str, text: str) -> bool:
        try:
            (self._reading.measure if kind == "number" else self._reading.flag)(text)
        except ValueError:
            return False
        return True


def _reading(form: FileFormat) -> Reading:
    return Reading(form.decimal, form.thousands, "iso8601", "UTC")
