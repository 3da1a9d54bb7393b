"""What a probability or a number is called: low, medium, high."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from streamproc.config_file import Table


class Levels(Table):
    """From which number on it is called medium, and from which high."""

    medium: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium >= self.high:
            raise ValueError("medium must be below high")
        return self

    def of(self, value: float) -> str:
        """The band of a number."""
        return "high" if value >= self.high else "medium" if value >= self.medium else "low"


class Bands(Levels):
    """From which probability on it is called medium, and from which high."""

    medium: Annotated[float, Field(gt=0, lt=1)] = 0.5
    high: Annotated[float, Field(gt=0, lt=1)] = 0.8
