"""One TOML file into one pydantic model; what is wrong becomes problems that name the file and the key."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streamproc.config_error import Problem
from streamproc.settings.blocks import named_place
from streamproc.settings.words import in_words, without_echoes

M = TypeVar("M", bound=BaseModel)
Overlay = Callable[[dict[str, Any]], dict[str, Any]]

DEEPEST = 32
"""How many tables and lists may stand in each other."""


def parsed(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ValueError: it is none, or its tables stand in each other deeper than anybody can follow.
    """
    try:
        tables = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    layer: list[Any] = [tables]
    for _ in range(DEEPEST):
        layer = [part for each in layer for part in (each.values() if isinstance(each, dict) else each)]
        layer = [part for part in layer if isinstance(part, dict | list)]
        if not layer:
            return tables
    raise ValueError(_TOO_DEEP)


_TOO_DEEP = f"tables and lists stand in each other more than {DEEPEST} deep: write it flatter"


def read_toml(
    path: Path, model: type[M], problems: list[Problem], overlay: Overlay = lambda tables: tables
) -> M | None:
    """Read a file as `model`; None if it cannot be used, with the reasons added to `problems`.

    `overlay` may put other values over those of the file before they are looked at.
    """
    try:
        tables = overlay(parsed(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        problems.append(Problem(str(path), "", reason))
        return None
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        problems.extend(
            Problem(str(path), named_place(tables, wrong["loc"]), in_words(wrong, model, tables))
            for wrong in without_echoes(error.errors(include_url=False))
        )
        return None
