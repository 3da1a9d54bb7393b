"""KPIs counted anew: what the states of a facts partition become, and what the facts add meanwhile.

The sums that are counted anew are taken away, and the facts that were counted are read once more for them alone; no sum
of the partition is reported until they are through. Each partition then is in a new epoch, and nothing is published
before all of them are in the same one (`merge.EventTime`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from streamproc.events.times import DAY_MS
from streamproc.measure.counting import Counting, Recount
from streamproc.measure.partials import Part
from streamproc.measure.plan import KpiPlan
from streamproc.measure.sums import FactMessage, Sums, add_up
from streamproc.measure.windows import Window, window_of

COUNTING_KEY = b"counting"
"""Where a partition keeps how far it is counted; every other key is a window's."""


def recounted(
    plan: KpiPlan, names: Collection[str], recount: Recount, epoch_ms: int, states: Mapping[bytes, Part | Counting]
) -> Iterator[tuple[bytes, Part | Counting]]:
    """The states of a partition whose facts are counted anew for the KPIs `names`, as asked for at `epoch_ms`.

    Every part is reported anew, also one that stays as it is: a KPI that is only published otherwise is so from the
    first day on.
    """
    held = states.get(COUNTING_KEY)
    counting = held if isinstance(held, Counting) else Counting()
    definitions = {**counting.by(plan.definitions).definitions, **{name: plan.definitions[name] for name in names}}
    recount = recount.with_unfinished(counting.recount)
    yield COUNTING_KEY, Counting(counting.applied, definitions, epoch_ms, recount)
    for key, part in states.items():
        if isinstance(part, Part):
            window = window_of(key.decode())
            kept = {name: sum_ for name, sum_ in part.sums.series.items() if not recount.renews(window, name)}
            yield key, Part(Sums(part.sums.first_day, kept), part.sequence)


def dropped(keys: Iterable[bytes], *, until: int, now_ms: int) -> Iterator[tuple[bytes, Part | Counting]]:
    """What stands in the place of states that are dropped unread: every window begins at nothing.

    Its number of reports goes on with the clock (in microseconds: no window is reported more often), so that what was
    reported before is older whatever it was.
    """
    yield COUNTING_KEY, Counting(epoch_ms=now_ms, recount=Recount(until))
    for key in keys:
        if key != COUNTING_KEY:
            day = window_of(key.decode()).day
            yield key, Part(Sums(now_ms // DAY_MS if day is None else day, {}), sequence=now_ms * 1_000)


def add_up_anew(plan: KpiPlan, recount: Recount, facts: Iterable[FactMessage]) -> dict[Window, Sums]:
    """What facts that were counted before add to the sums that are counted anew."""
    only = plan if recount.series is None else plan.only(recount.series)
    return {window: sums for window, sums in add_up(only, facts).items() if recount.takes(window)}
