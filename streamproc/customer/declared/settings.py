"""`config/features.toml`: what one `[[feature]]` block may say, and that all blocks together have room."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from streamproc.config_file import AnyOf, Exact, RuleName, Table, listed, spelled
from streamproc.customer.declared.vocabulary import EVENTS, require_values
from streamproc.customer.features import FEATURES
from streamproc.did_you_mean import suggest

MOST_DAYS = 366
MOST_HOURS = 168
SPARE_DAYS = 7
SPARE_HOURS = 24
"""So much more than the window is kept, so that a moment that comes late finds its window whole."""

MAX_FEATURES = 64
"""So many features: each costs time at the events that it counts."""

MAX_KEPT = 2_000
"""So many days and hours all features together keep of one customer: the state stays bounded."""

HOURS_OF_A_DAY = 24


def _new_name(name: str) -> str:
    if name in FEATURES:
        raise ValueError(f"there is a feature {name!r} in the code: take another name")
    return name


def _known_events(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in EVENTS:
            raise ValueError(f"no event {name!r}; {suggest(name, EVENTS)}")
    if len(set(names)) < len(names):
        raise ValueError("an event is named twice")
    return names


def _not_too_long(window: str) -> str:
    if int(window[:-1]) > (MOST_DAYS if window[-1] == "d" else MOST_HOURS):
        raise ValueError(f"{window} is too long: at most {MOST_DAYS}d (days) or {MOST_HOURS}h (hours) are kept")
    return window


def _two_hours(said: object) -> object:
    match said:
        case [int(first), int(until)] if 0 <= first < HOURS_OF_A_DAY and 0 <= until <= HOURS_OF_A_DAY:
            if (until - first) % HOURS_OF_A_DAY == 0:
                raise ValueError("that is the whole day: leave `hours` out")
            return said
        case _:
            raise ValueError("must be two whole hours of the day, from 0 to 24: [22, 6] is from 22:00 until 6:00")


Events = Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1), AfterValidator(_known_events)]
Window = Annotated[
    str, spelled(r"^[1-9][0-9]{0,2}[dh]$", "so many days or hours, as 14d or 36h"), AfterValidator(_not_too_long)
]
Hour = Annotated[int, Field(ge=0, le=HOURS_OF_A_DAY)]
Hours = Annotated[tuple[Hour, Hour], BeforeValidator(_two_hours)]


class FeatureBlock(Table):
    """How often events happened, or what a number of theirs comes to, in a window before the moment.

    Attributes:
        event: which events.
        where: field to the values of which it must have one.
        sum: the field that is added up; without it the events are counted.
        window: so many days (`14d`) or hours (`36h`), the present one included.
        hours: of the day of the shop, from the first until before the second; over midnight if that is smaller.
    """

    name: Annotated[RuleName, AfterValidator(_new_name)]
    description: Annotated[str, StringConstraints(min_length=1)]
    event: Events
    where: dict[str, AnyOf] = Field(default_factory=dict)
    sum: str | None = None
    window: Window
    hours: Hours | None = None

    @field_validator("where")
    @classmethod
    def _can_be(cls, where: dict[str, tuple[Exact, ...]], said: ValidationInfo) -> dict[str, tuple[Exact, ...]]:
        require_values(said.data.get("event", ()), where)
        return where

    @field_validator("sum")
    @classmethod
    def _adds_up(cls, name: str | None, said: ValidationInfo) -> str | None:
        for event in said.data.get("event", ()):
            numbers = [each for each, field in EVENTS[event].items() if field.type is int]
            if name is not None and name not in numbers:
                raise ValueError(f"{event} has no number {name!r}; {suggest(name, numbers)}")
        return name

    @property
    def length(self) -> int:
        """How many days or hours the window has."""
        return int(self.window[:-1])

    @property
    def is_by_day(self) -> bool:
        """Whether the window is one of days, else of hours."""
        return self.window[-1] == "d"

    @property
    def kept(self) -> int:
        """How many days or hours are kept for it."""
        return self.length + (SPARE_DAYS if self.is_by_day else SPARE_HOURS)

    @property
    def is_money(self) -> bool:
        """Whether it adds up money."""
        return self.sum is not None and EVENTS[self.event[0]][self.sum].is_money


class FeatureSettings(Table):
    """`config/features.toml`."""

    feature: tuple[FeatureBlock, ...] = ()

    @field_validator("feature")
    @classmethod
    def _have_room(cls, blocks: tuple[FeatureBlock, ...]) -> tuple[FeatureBlock, ...]:
        if len(blocks) > MAX_FEATURES:
            raise ValueError(f"{len(blocks)} features are too many: at most {MAX_FEATURES} are counted; drop some")
        kept = sum(block.kept for block in blocks)
        if kept > MAX_KEPT:
            longest = sorted(blocks, key=lambda block: -block.kept)[:3]
            raise ValueError(
                f"together they keep {kept} days and hours of each customer, and at most {MAX_KEPT} fit: shorten "
                f"windows or drop features (the longest: {', '.join(block.name for block in longest)})"
            )
        return blocks
