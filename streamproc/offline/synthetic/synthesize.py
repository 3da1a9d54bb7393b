"""Synthetic behaviour around real orders, so that a demo has more to show than purchases.

**Everything in here is made up**, seeded, and marked: `"source": "synthetic"`, ids that start with `synthetic-`. The
orders themselves stay as they are and are not written again. Visits before an order put some of its products into the
cart, so the order empties it; other visits leave a cart behind, always without an order in the next twelve hours.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TypeGuard

from streamproc.events.adapters.native import parse
from streamproc.events.purchase import OrderPlaced
from streamproc.events.times import DAY_MS
from streamproc.offline.dumps.files import OnProgress, merge_dumps, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.synthetic.story import LOOK_BACK_MS, Habits, Story


class SynthesisError(ValueError):
    """There is nothing to make behaviour around."""


def synthesize(
    orders: Path, out_path: Path, seed: int, on_progress: OnProgress, habits: Habits | None = None
) -> Counter[str]:
    """Write behaviour around the customers' orders of a dump as another dump; counts its events by topic.

    The same orders, seed and habits make the same bytes; so does a dump whose records of one moment stand in another
    order. Memory holds what is known of each customer and about two days of events.

    Raises:
        DumpError: the dump of orders cannot be read or is not in time order.
        SynthesisError: the dump has no paid order of a customer.
    """
    counts: Counter[str] = Counter()
    write_dump(out_path, _counted(_told(orders, Story(seed, habits or Habits())), counts), on_progress)
    return counts


def _told(orders: Path, story: Story) -> Iterator[DumpedRecord]:
    now_ms = None
    for now_ms, order in _customers_orders(orders):
        story.reach(now_ms)
        story.order_placed(now_ms, order)
        yield from story.timeline.until(now_ms - LOOK_BACK_MS)
    if now_ms is None:
        raise SynthesisError(f"{orders}: no paid order of a customer; import purchases first")
    yield from story.timeline.until(now_ms - now_ms % DAY_MS + DAY_MS)


def _customers_orders(path: Path) -> Iterator[tuple[int, OrderPlaced]]:
    """The paid orders of identified customers, ordered by (time of the record, event id)."""
    for at_ms, records in groupby(merge_dumps([path]), key=lambda record: record.timestamp):
        orders = (event for event in map(parse, (record.value for record in records)) if _is_customers_order(event))
        for order in sorted(orders, key=lambda order: order.event_id):
            yield at_ms, order


def _is_customers_order(event: object) -> TypeGuard[OrderPlaced]:
    return isinstance(event, OrderPlaced) and event.customer_id is not None and event.amount > 0


def _counted(records: Iterator[DumpedRecord], counts: Counter[str]) -> Iterator[DumpedRecord]:
    for record in records:
        counts[record.topic] += 1
        yield record
