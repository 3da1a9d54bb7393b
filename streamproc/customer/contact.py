"""The best hour and the best channel to reach a customer: where most of what they answer is, if enough of it is known.

What is long ago counts less. Each share is drawn towards the shop's as a whole, as if so many responses more were known
that lie as the shop's do: so one click says little, and twenty much. The hour that stands in the middle of three counts
twice as much as those beside it; a customer who answers around nine has then one best hour and not two halves of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field, field_validator

from streamproc.config_file import Table
from streamproc.customer.local_time import local_hour
from streamproc.customer.messages.record import CHANNELS
from streamproc.customer.responses import HOURS, PERIOD_WEEKS, beginning_of, hours_of, period_of
from streamproc.customer.windows import Buckets
from streamproc.events.email import Channel
from streamproc.events.times import HOUR_MS

Weight = Annotated[float, Field(ge=0, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]


class ContactSettings(Table):
    """`[contact]` of `config/policy.toml`: how much must be known to speak of a best hour or channel.

    Attributes:
        half_life_weeks: after so many weeks a response counts half.
        prior_responses: so many responses, as the shop's lie, are added to each customer's.
        least_responses: of fewer than so many (each as much as it still counts) nothing is concluded.
        least_hour_share: what the best hour must have of all, the hours beside it counting half.
        least_channel_share: what the best channel must have of all.
        usual_hours: what the shop's customers open and click at each hour of their day, from 0 on, in whatever unit.
        usual_channels: likewise by channel; empty: all alike.
    """

    half_life_weeks: Annotated[float, Field(ge=1, le=520)] = 13.0
    prior_responses: Annotated[float, Field(gt=0, le=10_000)] = 8.0
    least_responses: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    least_hour_share: Share = 0.125
    least_channel_share: Share = 0.4
    usual_hours: tuple[Weight, ...] = ()
    usual_channels: dict[Channel, Weight] = Field(default_factory=dict)

    @field_validator("usual_hours")
    @classmethod
    def _a_day(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if hours and (len(hours) != HOURS or not sum(hours)):
            raise ValueError(f"{HOURS} numbers, of which one is not 0, or none at all")
        return hours

    @field_validator("usual_channels")
    @classmethod
    def _something(cls, channels: dict[Channel, float]) -> dict[Channel, float]:
        if channels and not sum(channels.values()):
            raise ValueError("one channel at least has more than 0")
        return channels

    @cached_property
    def hours_before(self) -> Sequence[float]:
        """What each hour has before anything is known of a customer."""
        usual = _around(self.usual_hours or (1.0,) * HOURS)
        return [self.prior_responses * each / sum(usual) for each in usual]

    @cached_property
    def channels_before(self) -> Sequence[float]:
        """Likewise each channel, in the order of `CHANNELS`."""
        usual = [self.usual_channels.get(each, 0.0) if self.usual_channels else 1.0 for each in CHANNELS]
        return [self.prior_responses * each / sum(usual) for each in usual]

    def weight(self, periods: int) -> float:
        """What a response counts so many times four weeks later."""
        return 1.0 if periods <= 0 else float(0.5 ** (periods * PERIOD_WEEKS / self.half_life_weeks))


DEFAULT_CONTACT = ContactSettings()


@dataclass(frozen=True, slots=True)
class Contact:
    """When and where a customer answers.

    Attributes:
        hour: of their day, 0 to 23; None: too little is known, or they answer at any.
        channel: its place in `CHANNELS`, or None.
        responses: how many are known, each as much as it counts now.
    """

    hour: int | None
    channel: int | None
    responses: float


NO_CONTACT = Contact(None, None, 0.0)


def contact_of(responses: Buckets, now_ms: int, zone: str, settings: ContactSettings = DEFAULT_CONTACT) -> Contact:
    """What the responses come to at a moment (epoch ms), by the clocks of a time zone."""
    if not responses:
        return NO_CONTACT
    hours, channels, present = [0.0] * HOURS, [0.0] * len(CHANNELS), period_of(now_ms)
    for known in hours_of(responses):
        weight = settings.weight(present - known.period)
        hours[(known.hour + _ahead(known.period, zone)) % HOURS] += weight * sum(known.counts)
        for channel, count in enumerate(known.counts[: len(CHANNELS)]):
            channels[channel] += weight * count
    total = sum(hours)
    if total < settings.least_responses:
        return Contact(None, None, total)
    return Contact(
        _best(_around(hours), settings.hours_before, settings.least_hour_share),
        _best(channels, settings.channels_before, settings.least_channel_share),
        total,
    )


def _best(known: Sequence[float], before: Sequence[float], least_share: float) -> int | None:
    """The first of those that have most, if that is enough of all."""
    all_of_it = [one + other for one, other in zip(known, before, strict=True)]
    most = max(all_of_it)
    return all_of_it.index(most) if most >= least_share * sum(all_of_it) else None


def _around(hours: Sequence[float]) -> list[float]:
    """Half of each hour, and a quarter of each of those beside it."""
    return [hours[hour] / 2 + (hours[hour - 1] + hours[(hour + 1) % HOURS]) / 4 for hour in range(HOURS)]


@lru_cache(maxsize=1 << 14)
def _ahead(period: int, zone: str) -> int:
    """By how many hours the clocks of a zone are ahead: into which hour the middle of one (UTC) falls, halfway through.

    Where clocks are changed within the four weeks, some of what is known of these lies an hour beside.
    """
    halfway_ms = (beginning_of(period) + beginning_of(period + 1)) // 2
    return local_hour(halfway_ms + HOUR_MS // 2, zone)
