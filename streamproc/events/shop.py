"""The shop itself: its currency, what others are worth in it (`config/rates.toml`), and its time zone."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from streamproc.config_file import Table
from streamproc.events.base import Currency
from streamproc.events.calendar import UTC_ZONE, day_of
from streamproc.events.log import LogEntry
from streamproc.events.money import MICROS
from streamproc.events.purchase import PurchaseEvent

_EPOCH = date(1970, 1, 1).toordinal()


class Rate(Table):
    """What one unit of a currency is worth in the shop's, from a day on until the next rate of the currency."""

    currency: Currency
    from_: Annotated[date, Field(alias="from")]
    worth: Annotated[float, Field(gt=0, le=1_000_000)]

    @property
    def day(self) -> int:
        """The first day, its number since 1970."""
        return self.from_.toordinal() - _EPOCH


class RateSettings(Table):
    """`config/rates.toml`."""

    rate: tuple[Rate, ...] = ()

    @model_validator(mode="after")
    def _one_a_day(self) -> Self:
        days = [(rate.currency, rate.from_) for rate in self.rate]
        for currency, day in days:
            if days.count((currency, day)) > 1:
                raise ValueError(f"two rates of {currency} from {day} on")
        return self


@dataclass(frozen=True)
class Shop:
    """In what the shop counts its money and its days.

    Attributes:
        currency: the shop's own.
        zone: the time zone whose days are the shop's.
        rates: of each other currency the days from which on a rate holds, ascending, and the rates (micros).
    """

    currency: str
    zone: str = UTC_ZONE
    rates: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, currency: str, zone: str, settings: RateSettings) -> Self:
        """Ready to count by."""
        rates = {}
        for other in {rate.currency for rate in settings.rate}:
            own = sorted((rate.day, round(rate.worth * MICROS)) for rate in settings.rate if rate.currency == other)
            rates[other] = (tuple(day for day, _ in own), tuple(worth for _, worth in own))
        return cls(currency, zone, dict(sorted(rates.items())))

    def rate(self, currency: str, at_ms: int) -> int:
        """What one unit is worth on a day, in micros; 0: there is no rate."""
        if currency == self.currency:
            return MICROS
        days, worth = self.rates.get(currency, ((), ()))
        place = bisect_right(days, day_of(at_ms, self.zone))
        return worth[place - 1] if place else 0

    def priced(self, entry: LogEntry) -> LogEntry:
        """The entry; an order, or what is given back of one, then knows what its money is worth."""
        event = entry.event
        if not isinstance(event, PurchaseEvent) or event.currency in (None, self.currency):
            return entry
        return replace(entry, event=event.priced(self.rate(event.currency, entry.at_ms)))


DEFAULT_SHOP = Shop("GBP")
"""As long as the configuration says nothing else."""
