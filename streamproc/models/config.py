"""`config/models.toml`: what the models ask, learn from and release."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from streamproc.config_file import Table
from streamproc.customer.state import MAX_QUESTIONS
from streamproc.events.times import DAY_MS


class Bands(Table):
    """From which probability on a churn risk is called medium, and from which high."""

    medium: Annotated[float, Field(gt=0, lt=1)] = 0.5
    high: Annotated[float, Field(gt=0, lt=1)] = 0.8

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium >= self.high:
            raise ValueError("medium must be below high")
        return self

    def of(self, probability: float) -> str:
        """The band of a probability."""
        return "high" if probability >= self.high else "medium" if probability >= self.medium else "low"


class ChurnSettings(Table):
    """The question "will this customer order within the horizon?", and the model that learns to answer it."""

    features: Annotated[tuple[str, ...], Field(min_length=1, max_length=64)]
    horizon_days: Annotated[int, Field(ge=1, le=365)] = 28
    ask_every_days: Annotated[int, Field(ge=1, le=90)] = 7
    ask_until_quiet_days: Annotated[int, Field(ge=1, le=3650)] = 365
    lateness_hours: Annotated[float, Field(ge=0, le=720)] = 24
    release_every: Annotated[int, Field(ge=1, le=10_000_000)] = 500
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.02
    l2: Annotated[float, Field(ge=0, le=1)] = 1e-4
    bands: Bands = Bands()

    @model_validator(mode="after")
    def _all_questions_have_room(self) -> Self:
        if self.horizon_ms + self.lateness_ms > MAX_QUESTIONS * self.ask_every_days * DAY_MS:
            raise ValueError(
                f"at most {MAX_QUESTIONS} questions may be open: raise ask_every_days or lower horizon_days"
            )
        return self

    @field_validator("features")
    @classmethod
    def _unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError("a feature is named twice")
        return names

    @cached_property
    def horizon_ms(self) -> int:
        """The horizon in milliseconds."""
        return self.horizon_days * DAY_MS

    @cached_property
    def lateness_ms(self) -> int:
        """How long an answer waits for late orders, in milliseconds."""
        return round(self.lateness_hours * DAY_MS / 24)

    @cached_property
    def feature_set(self) -> str:
        """A short name of the list of features: a question asked with another list cannot be learned from."""
        return blake2b("\n".join(self.features).encode(), digest_size=4).hexdigest()


class ModelSettings(Table):
    """All models."""

    churn: ChurnSettings

    def knowing(self, names: Mapping[str, str]) -> Self:
        """The settings with other names for some features."""
        features = tuple(names.get(name, name) for name in self.churn.features)
        return self.model_copy(update={"churn": self.churn.model_copy(update={"features": features})})
