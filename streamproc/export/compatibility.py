"""Would a new schema break those who rely on the old one?

What others write (`given`) must go on being accepted: the new schema takes all that the old one took. What others read
(`made`) must go on being as promised: the new schema gives nothing that the old one did not announce. So in both cases
one schema has to be at least as wide as the other. Unknown fields are ignored on both sides: new ones break nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]

UPPER_BOUNDS = ("maximum", "maxLength", "maxItems", "maxProperties")
LOWER_BOUNDS = ("minimum", "minLength", "minItems", "minProperties")


def breaking_changes(old: Schema, new: Schema, direction: Literal["given", "made"]) -> tuple[str, ...]:
    """What breaks, in words, each with its place in the message; empty if the change is compatible."""
    return tuple(_Comparison(old, new, direction).nodes(old, new, "$"))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Walks two schemas side by side; `narrow` is the one that must fit into `wide`."""

    old: Schema
    new: Schema
    direction: Literal["given", "made"]

    def nodes(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        olds, news = _alternatives(old, self.old), _alternatives(new, self.new)
        narrow, wide = self._narrow_and_wide(olds, news)
        for kind in narrow:
            if not ({kind, "anything"} & wide.keys() or (kind == "integer" and "number" in wide)):
                yield f"{place}: {self._lost(kind)}"
        for kind in olds:
            if kind in news:
                yield from self._values(olds[kind], news[kind], place)
                yield from self._fields(olds[kind], news[kind], place)
                yield from self._contents(olds[kind], news[kind], place)

    def _values(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """Enumerations, bounds and patterns."""
        narrow, wide = self._narrow_and_wide(old, new)
        if (allowed := _enumerated(wide)) is not None:
            for value in _enumerated(narrow) or ["any value"]:
                if value not in allowed:
                    yield f"{place}: {self._lost(repr(value))}"
        for bound in UPPER_BOUNDS:
            if wide.get(bound, float("inf")) < narrow.get(bound, float("inf")):
                yield f"{place}: {bound} {old.get(bound)} -> {new.get(bound)}"
        for bound in LOWER_BOUNDS:
            if wide.get(bound, float("-inf")) > narrow.get(bound, float("-inf")):
                yield f"{place}: {bound} {old.get(bound)} -> {new.get(bound)}"
        for form in ("pattern", "format"):
            if form in wide and wide[form] != narrow.get(form):
                yield f"{place}: {form} {old.get(form)} -> {new.get(form)}"

    def _fields(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        narrow, wide = self._narrow_and_wide(old, new)
        for name in before:
            if name not in after:
                yield f"{place}.{name}: removed"
            else:
                yield from self.nodes(before[name], after[name], f"{place}.{name}")
        for name in wide.get("required", ()):
            if name not in narrow.get("required", ()) and (self.direction == "given" or name in after):
                yield f"{place}.{name}: " + (
                    "newly required" if self.direction == "given" else "no longer always there"
                )

    def _contents(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """The elements of lists and the values of free mappings."""
        for keyword, sign in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(old.get(keyword), Mapping) and isinstance(new.get(keyword), Mapping):
                yield from self.nodes(old[keyword], new[keyword], place + sign)

    def _narrow_and_wide(self, old: Schema, new: Schema) -> tuple[Schema, Schema]:
        return (old, new) if self.direction == "given" else (new, old)

    def _lost(self, what: str) -> str:
        return f"no longer takes {what}" if self.direction == "given" else f"may now be {what}"


def _alternatives(node: Schema, document: Schema) -> dict[str, Schema]:
    """The kinds of value that a node allows: objects by their title, others by their type."""
    if "$ref" in node:
        return _alternatives(document["$defs"][node["$ref"].rpartition("/")[2]], document)
    choices = node.get("oneOf") or (node.get("anyOf") if "type" not in node else None)
    if choices:
        return {kind: each for choice in choices for kind, each in _alternatives(choice, document).items()}
    kind = node.get("type", "anything")
    return {node.get("title", kind) if kind == "object" else kind: node}


def _enumerated(node: Schema) -> list[Any] | None:
    values: list[Any] | None = [node["const"]] if "const" in node else node.get("enum")
    return values
