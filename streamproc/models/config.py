"""`config/models.toml`: what is predicted, from what, and how it is learned."""

from collections import Counter
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
from streamproc.models.figures_kind import SampledPrediction
from streamproc.models.kind import Predictions
from streamproc.models.kinds import Prediction
from streamproc.models.vectors import is_category

MAX_PREDICTIONS = 16
"""Each costs time at the events that ask it."""

MAX_KEPT = 256
"""So many features all predictions together keep with each open question of a customer: the state stays bounded."""

A_CATEGORY = 16
"""A category takes the room of so many numbers."""


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
            raise ValueError(f"{len(tables)} predictions are too many: at most {MAX_PREDICTIONS} are asked")
        return {name: {"kind": name, **table} if isinstance(table, dict) else table for name, table in tables.items()}

    @model_validator(mode="after")
    def _have_room(self) -> Self:
        kept = sum(A_CATEGORY if is_category(each) else 1 for one in self.predictions.values() for each in one.features)
        if kept > MAX_KEPT:
            raise ValueError(
                f"together the predictions ask {kept} features, a category counting as {A_CATEGORY}; {MAX_KEPT} have "
                "room in a customer's state: drop some"
            )
        return self

    @model_validator(mode="after")
    def _one_of_what_features_ask(self) -> Self:
        counted = Counter(one.kind for one in self.predictions.values() if isinstance(one, SampledPrediction))
        if several := [kind for kind, count in counted.items() if count > 1]:
            raise ValueError(f"there is one {several[0]} for the features to ask: leave the others out")
        return self

    @model_serializer(mode="wrap")
    def _without_the_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, dict[str, Any]] = handler(self)
        return {
            name: {key: value for key, value in table.items() if (key, value) != ("kind", name)}
            for name, table in written.items()
        }
