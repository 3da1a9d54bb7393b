"""A declared feature, ready to count by: what an event adds, and what the feature is at a moment."""

from dataclasses import dataclass
from hashlib import blake2b

import orjson

from streamproc.config_file import Exact
from streamproc.customer.columns import Columns
from streamproc.customer.declared.settings import HOURS_OF_A_DAY, FeatureBlock
from streamproc.customer.features.aging import Aging
from streamproc.customer.features.turning import Limits, Value, Watch, in_counts
from streamproc.customer.state import MAX_TOTAL_MICROS
from streamproc.customer.view import CustomerView
from streamproc.customer.windows import EMPTY_BUCKETS, Buckets
from streamproc.events.base import RawEvent
from streamproc.events.calendar import moment_on_the_wall
from streamproc.events.money import MICROS
from streamproc.events.purchase import PurchaseEvent
from streamproc.events.times import DAY_MS, HOUR_MS


@dataclass(frozen=True, slots=True)
class DeclaredFeature:
    """A block, compiled.

    Attributes:
        key: the digest of its definition, under which its numbers stand in the state.
        first_hour, hours: of the day: from the first, so many.
        unit_ms: how long a bucket is; the window has `length` of them, and `kept` are kept.
        begins_ms: when in the shop's day its day begins: at the first of its hours, so that a night is one day.
        divisor: what the sum is divided by: money is counted in micros and said in currency units.
    """

    key: str
    where: tuple[tuple[str, frozenset[Exact]], ...]
    field: str | None
    first_hour: int
    hours: int
    unit_ms: int
    begins_ms: int
    length: int
    kept: int
    divisor: int

    @classmethod
    def of(cls, block: FeatureBlock) -> "DeclaredFeature":
        """Compile a block."""
        first, until = block.hours or (0, 0)
        return cls(
            key=digest(block),
            where=tuple((name, frozenset(choices)) for name, choices in sorted(block.where.items())),
            field=block.sum,
            first_hour=first,
            hours=(until - first) % HOURS_OF_A_DAY or HOURS_OF_A_DAY,
            unit_ms=DAY_MS if block.is_by_day else HOUR_MS,
            begins_ms=first * HOUR_MS if block.is_by_day else 0,
            length=block.length,
            kept=block.kept,
            divisor=MICROS if block.is_money else 1,
        )

    def amount(self, event: RawEvent, at_ms: int) -> int:
        """What an event adds; 0 if it does not count."""
        if (at_ms // HOUR_MS - self.first_hour) % HOURS_OF_A_DAY >= self.hours:
            return 0
        for name, choices in self.where:
            if getattr(event, name) not in choices:
                return 0
        if self.field is None:
            return 1
        amount: int = getattr(event, self.field) or 0
        if self.divisor == MICROS and isinstance(event, PurchaseEvent):
            return event.in_shop_money(amount) or 0
        return amount

    def counted(self, buckets: Buckets, amount: int, at_ms: int) -> Buckets:
        """With an amount more; a bucket is full where its number could not be stored any more."""
        number = self._bucket(at_ms)
        room = MAX_TOTAL_MICROS - buckets.total(0, number, number)
        return buckets.counted(number, ((0, min(amount, room)),), self.kept)

    def value(self, view: CustomerView) -> float:
        """The feature of a customer at a moment."""
        last = self._bucket(view.wall_ms)
        buckets = view.customer.counts.get(self.key, EMPTY_BUCKETS)
        return buckets.total(0, last - self.length + 1, last) / self.divisor

    def turn(self, value: Value, limits: Limits) -> Watch:
        """When the window's moving on takes it past a limit (`customer/features/turning.py`)."""
        del value
        aging = Aging(0, self.length, in_counts(limits, lambda total: total / self.divisor))

        def watch(view: CustomerView, place: int) -> int | None:
            columns = Columns(view.customer.counts.get(self.key, EMPTY_BUCKETS))
            edge = aging.turn(columns, self._bucket(view.wall_ms), place)
            if edge is None:
                return None
            return moment_on_the_wall(edge * self.unit_ms + self.begins_ms, view.customer.zone)

        return watch

    def _bucket(self, at_ms: int) -> int:
        return (at_ms - self.begins_ms) // self.unit_ms


def digest(block: FeatureBlock) -> str:
    """What makes a feature's number, whatever it is called and in whatever order it is written."""
    where = {name: sorted(map(repr, choices)) for name, choices in block.where.items()}
    said = [sorted(block.event), where, block.sum, block.window, block.hours]
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()
