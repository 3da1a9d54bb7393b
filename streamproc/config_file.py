"""What every table of a configuration file has in common.

Against mistakes that hide: a key that nobody knows, a text where a number belongs, a number that no arithmetic bears.
"""

from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

MOST = 10**15
"""The largest number that a file may say: a billion in micros."""

Whole = Annotated[int, Field(ge=-MOST, le=MOST)]
Number = Annotated[float, Field(ge=-MOST, le=MOST)]
"""A number to compare with or to aim at."""

YEARS = 10
"""The longest time that a file may say."""

Minutes = Annotated[float, Field(gt=0, le=YEARS * 366 * 24 * 60)]
Hours = Annotated[float, Field(ge=0, le=YEARS * 366 * 24)]
Days = Annotated[float, Field(ge=0, le=YEARS * 366)]


ALLOWED: dict[str, str] = {}
"""What a pattern of a text in a file allows, in words."""


def spelled(pattern: str, allowed: str, most: int | None = None) -> StringConstraints:
    """How a text is written: a pattern, and the same for people; of at most so many characters."""
    ALLOWED[pattern] = allowed
    return StringConstraints(pattern=pattern, max_length=most)


Exact = bool | Whole | str
"""A value to compare with that is the same or is not."""


def listed(said: object) -> tuple[object, ...]:
    """What a file says in a list, or without one if it is a single value."""
    return tuple(said) if isinstance(said, list | tuple) else (said,)


def split_at_commas(said: object) -> object:
    """What the environment, which has only text, says of a list.

    >>> split_at_commas("one, two")
    ['one', 'two']
    """
    return [each.strip() for each in said.split(",") if each.strip()] if isinstance(said, str) else said


def _any_of(said: object) -> tuple[Exact, ...]:
    choices = [choice for choice in listed(said) if isinstance(choice, bool | int | str)]
    if not choices or len(choices) < len(listed(said)):
        raise ValueError("say the value it must have (a text, a whole number, true or false), or a list of such values")
    if any(isinstance(choice, int) and abs(choice) > MOST for choice in choices):
        raise ValueError(f"a number is between -{MOST} and {MOST}")
    return tuple(choices)


AnyOf = Annotated[tuple[Exact, ...], BeforeValidator(_any_of)]
"""A value must be one of these; the file may say one without a list."""


RuleName = Annotated[
    str, spelled(r"^[a-z][a-z0-9_]{0,63}$", "up to 64 small letters, digits and _, the first of them a letter")
]
"""What a block is called that others name, or a topic or a state."""


class FromEnvironment(str):
    """A value from the environment, which has only text: a number there has no other way to be written."""

    __slots__ = ()


class Table(BaseModel):
    """A table of a file: it never changes, and an unknown key, a number in quotes, or one without end is an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def __getstate__(self) -> dict[Any, Any]:
        """What the file says; what was made of it at first use is made anew in another process."""
        state = super().__getstate__()
        said = {name: value for name, value in self.__dict__.items() if name in type(self).model_fields}
        return {**state, "__dict__": said}

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_have_no_quotes(cls, value: object, said: ValidationInfo) -> object:
        wanted = _types(cls.model_fields[said.field_name or ""].annotation) - {type(None)}
        if isinstance(value, str) and not isinstance(value, FromEnvironment) and wanted <= {int, float}:
            raise ValueError("must be a number, without quotes")
        return value


def _types(annotation: Any) -> set[Any]:
    """The types that an annotation allows, without what it says about their values."""
    if hasattr(annotation, "__metadata__"):
        return _types(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        return {each for part in get_args(annotation) for each in _types(part)}
    return {annotation}
