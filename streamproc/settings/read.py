"""One TOML file into one pydantic model; what is wrong becomes problems that name the file and the key."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streamproc.settings.blocks import named_place
from streamproc.settings.errors import Problem
from streamproc.settings.words import in_words, without_echoes

M = TypeVar("M", bound=BaseModel)
Overlay = Callable[[dict[str, Any]], dict[str, Any]]


def read_toml(
    path: Path, model: type[M], problems: list[Problem], overlay: Overlay = lambda tables: tables
) -> M | None:
    """Read a file as `model`; None if it cannot be used, with the reasons added to `problems`.

    `overlay` may put other values over those of the file before they are looked at.
    """
    try:
        tables = overlay(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
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
