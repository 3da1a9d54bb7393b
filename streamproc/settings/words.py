"""What pydantic says about a file, in the words of the file: tables, keys and lists."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

import orjson
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from streamproc.config_file import ALLOWED
from streamproc.did_you_mean import closest

Place = tuple[int | str, ...]


def in_words(wrong: ErrorDetails, model: type[BaseModel], tables: object) -> str:
    """One mistake in a file that is read as `model`, as a person says it."""
    said, context = wrong["input"], wrong.get("ctx", {})
    words = wrong["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    match wrong["type"]:
        case "extra_forbidden":
            words = _unknown_key(wrong["loc"], model, tables)
        case "missing":
            words = "is missing"
        case "string_type":
            words = "must be a text, in quotes"
        case "string_pattern_mismatch" if context["pattern"] in ALLOWED:
            words = f"{said!r} cannot be: allowed are {ALLOWED[context['pattern']]}"
        case "tuple_type" | "list_type":
            words = _no_list(said)
        case "too_short":
            words = f"needs {context['min_length']} or more entries, has {context['actual_length']}"
    return words


def without_echoes(mistakes: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The mistakes but those lists that are too short only because an entry of theirs is wrong."""
    places = {wrong["loc"][:length] for wrong in mistakes for length in range(len(wrong["loc"]))}
    return (wrong for wrong in mistakes if wrong["type"] != "too_short" or wrong["loc"] not in places)


def _no_list(said: object) -> str:
    if isinstance(said, dict):
        return "must be a list of tables: [[…]] as its head, or [{ … }]"
    example = orjson.dumps([said]).decode() if isinstance(said, str) else '["a", "b"]'
    return f"must be a list, for example {example}"


def _unknown_key(place: Place, model: type[BaseModel], tables: object) -> str:
    *above, key = place
    keys: dict[str, Any] = {}
    for table in _tables_at(tuple(above), model, tables):
        keys |= {field.alias or name: field.annotation for name, field in table.model_fields.items()}
    guess = closest(str(key), keys)
    said = _at(tables, place)
    is_table = not above and (isinstance(said, dict) or _is_list_of_tables(said))
    if not is_table:
        return f"there is no key `{key}`" + (f"; did you mean `{guess}`?" if guess else "")
    shown = f"[[{key}]]" if isinstance(said, list) else f"[{key}]"
    if guess is None:
        return f"there is no table `{shown}`"
    right = f"[[{guess}]]" if get_origin(keys[guess]) is tuple else f"[{guess}]"
    return f"there is no table `{shown}`; did you mean `{right}`?"


def _is_list_of_tables(said: object) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(each, dict) for each in said)


def _at(tables: object, place: Place) -> object:
    """What stands at a place, None if nothing does."""
    here = tables
    for step in place:
        try:
            here = here[step]  # type: ignore[index]  # what is no table or list raises
        except (LookupError, TypeError):
            return None
    return here


def _tables_at(place: Place, model: type[BaseModel], tables: object) -> list[type[BaseModel]]:
    """The models that the table at a place may have."""
    models = [model]
    for length, step in enumerate(place, 1):
        if isinstance(step, int):
            models = [each for each in models if _is_kind(each, _at(tables, place[:length]))]
        else:
            fields = [
                field for each in models for name, field in each.model_fields.items() if step in (name, field.alias)
            ]
            models = [table for field in fields for table in _models_in(field.annotation)]
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for kind in annotation.__subclasses__():
            yield from _models_in(kind)
    elif get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from _models_in(part)


def _is_kind(model: type[BaseModel], said: object) -> bool:
    """Whether the model is the one of the table's `kind`, if there are kinds."""
    field = model.model_fields.get("kind")
    return field is None or not isinstance(said, dict) or said.get("kind") in get_args(field.annotation)
