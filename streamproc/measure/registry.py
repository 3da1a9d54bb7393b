"""`config/kpis.toml` as a whole: every block, and that they fit together."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pydantic import ConfigDict, SerializeAsAny, ValidationError, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from streamproc.config_file import Table
from streamproc.measure.checks import Mistake, find_mistakes
from streamproc.measure.kinds import KINDS, KpiBlock

KIND = "kpi"
"""The type of the errors that are ours and not pydantic's."""


class KpiRegistry(Table):
    """All KPIs, in the order of the file."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True)

    kpi: tuple[SerializeAsAny[KpiBlock], ...]

    @field_validator("kpi", mode="before")
    @classmethod
    def _read_blocks(cls, tables: object) -> object:
        """Each block by itself, then what was readable together, so that no mistake hides another."""
        if not isinstance(tables, Sequence) or not all(isinstance(table, dict) for table in tables):
            return tables
        blocks: dict[int, KpiBlock] = {}
        wrong: list[InitErrorDetails] = []
        for index, table in enumerate(tables):
            try:
                blocks[index] = _read_block(table)
            except ValidationError as error:
                wrong += _placed(error, index)
        unread = {str(table.get("name")) for index, table in enumerate(tables) if index not in blocks}
        wrong += [_as_error(mistake) for mistake in find_mistakes(blocks, unread)]
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return tuple(blocks.values())


def _read_block(table: dict[str, Any]) -> KpiBlock:
    try:
        kind = KINDS.find(said := table.get("kind"))
    except ValueError as error:
        raise ValidationError.from_exception_data("kind", [_error(("kind",), str(error), said)]) from error
    return kind.model_validate(table)


def _placed(error: ValidationError, index: int) -> Iterator[InitErrorDetails]:
    for line in error.errors(include_url=False):
        kind = line["type"]
        if kind == KIND:
            yield _error((index, *line["loc"]), line["msg"], line["input"])
        else:
            yield InitErrorDetails(type=kind, loc=(index, *line["loc"]), input=line["input"], ctx=line.get("ctx", {}))


def _as_error(mistake: Mistake) -> InitErrorDetails:
    return _error((mistake.index, *mistake.place), mistake.message, None)


def _error(place: tuple[int | str, ...], message: str, value: object) -> InitErrorDetails:
    # The message is an argument: in a template, its braces would be places to fill.
    kind = PydanticCustomError(KIND, "{message}", {"message": message})
    return InitErrorDetails(type=kind, loc=place, input=value)
