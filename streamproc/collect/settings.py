"""The table `[collect]` of `config/app.toml`."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from streamproc.collect.machines import MachineSettings
from streamproc.config_file import Days, Hours, Table, split_at_commas
from streamproc.events.times import DAY_MS, HOUR_MS, SECOND_MS, epoch_ms
from streamproc.events.topics import RAW_TOPICS


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise ValueError("a topic is named twice")
    return names


Names = Annotated[tuple[Annotated[str, StringConstraints(min_length=1)], ...], BeforeValidator(split_at_commas)]
"""A list of names."""


class WatermarkSettings(Table):
    """How event time moves.

    `idle = "wall_clock"`: a source that has been read to its end is as far as the clock, less `lateness_seconds`.
    `idle = "hold"`: only events and punctuation move time, for historical data.
    """

    idle: Literal["wall_clock", "hold"] = "wall_clock"
    lateness_seconds: Annotated[float, Field(ge=0, le=86400)] = 5
    every_seconds: Annotated[float, Field(ge=0.1, le=60)] = 1

    @property
    def lateness_ms(self) -> int:
        """The lateness in milliseconds."""
        return round(self.lateness_seconds * SECOND_MS)


class CollectSettings(Table):
    """What collect reads, and which times and ids it believes.

    Attributes:
        topics: of what arrives at the same time, those named first stand first in the customer log. The configuration
            as a whole puts here, if the file says nothing, all topics of `topics/` that carry raw events.
    """

    topics: Annotated[Names, Field(min_length=1), AfterValidator(_each_once)] = RAW_TOPICS
    earliest: AwareDatetime = datetime(2000, 1, 1, tzinfo=UTC)
    future_tolerance_seconds: Annotated[float, Field(ge=0, le=86400)] = 5
    future_limit_hours: Annotated[Hours, Field(gt=0)] = 24
    past_limit_days: Annotated[Days, Field(gt=0)] = 400
    blocked_ids: Names = ()
    watermark: WatermarkSettings = WatermarkSettings()
    machines: MachineSettings = MachineSettings()

    @cached_property
    def earliest_ms(self) -> int:
        """No event is believed to be older, epoch ms."""
        return epoch_ms(self.earliest)

    @cached_property
    def tolerance_ms(self) -> int:
        """An event this far in the future is taken to be of now."""
        return round(self.future_tolerance_seconds * SECOND_MS)

    @cached_property
    def limit_ms(self) -> int:
        """An event further in the future than this is not believed at all."""
        return round(self.future_limit_hours * HOUR_MS)

    @cached_property
    def past_limit_ms(self) -> int:
        """An event that its producer's clock alone says is older than this is history, and no occasion."""
        return round(self.past_limit_days * DAY_MS)

    @cached_property
    def blocked(self) -> frozenset[str]:
        """The shop's own ids that identify nobody, in lower case."""
        return frozenset(name.lower() for name in self.blocked_ids)
