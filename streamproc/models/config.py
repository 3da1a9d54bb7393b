"""`config/models.toml`: what is predicted, from what, and how it is learned."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from streamproc.config_file import Table
from streamproc.models.kind import Predictions
from streamproc.models.kinds import Prediction

MAX_PREDICTIONS = 4
"""Each keeps its open questions in every customer's state, which is bounded."""


class ModelSettings(Table):
    """Every table is a prediction; one that names no kind is of the kind that is called as itself."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[SerializeAsAny[Prediction], BeforeValidator(Prediction.read)]]

    @property
    def predictions(self) -> Predictions:
        """By their names."""
        return self.__pydantic_extra__

    def __getitem__(self, name: str) -> Prediction:
        return self.predictions[name]

    def knowing(self, names: Mapping[str, str]) -> Self:
        """The settings with other names for some features."""
        return self.model_copy(update={name: each.knowing(names) for name, each in self.predictions.items()})

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, tables: Any) -> Any:
        if not isinstance(tables, dict):
            return tables
        if len(tables) > MAX_PREDICTIONS:
            raise ValueError(
                f"{len(tables)} predictions are too many: {MAX_PREDICTIONS} have room in a customer's state"
            )
        return {name: {"kind": name, **table} if isinstance(table, dict) else table for name, table in tables.items()}

    @model_serializer(mode="wrap")
    def _without_the_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, dict[str, Any]] = handler(self)
        return {
            name: {key: value for key, value in table.items() if (key, value) != ("kind", name)}
            for name, table in written.items()
        }
