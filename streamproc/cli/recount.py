"""`streamproc repair recount`: which KPIs are counted anew, and what that means for each partition of the facts."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from streamproc.cli.running import run
from streamproc.did_you_mean import suggest
from streamproc.events.times import DAY_MS, epoch_ms
from streamproc.measure.codec import decode
from streamproc.measure.counting import Counting, Recount
from streamproc.measure.partials import Part
from streamproc.measure.plan import KpiPlan
from streamproc.measure.recount import COUNTING_KEY, recounted
from streamproc.measure.windows import Window
from streamproc.processor.api import Record
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.repair.perform import read_states
from streamproc.runtime.repair.situation import Situation
from streamproc.runtime.repair.steps import ImpossibleError, Step, read_again
from streamproc.runtime.worker_settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Recounting:
    """What is counted anew: by which plan, which KPIs, as asked for at a time (epoch ms)."""

    plan: KpiPlan
    names: tuple[str, ...]
    epoch_ms: int

    def step(self, situation: Situation, whole_from: int | None) -> Step:
        """What happens to one partition; `whole_from` as in `Recount`."""
        until = situation.committed
        series = frozenset(name for kpi in self.names for name in self.plan.series[kpi])
        recount = Recount(until, series, whole_from)

        def rewrite(raw: Mapping[bytes, bytes]) -> Any:
            states = {key: state for key, value in raw.items() if isinstance(state := decode(value), Part | Counting)}
            return recounted(self.plan, self.names, recount, self.epoch_ms, states)

        return read_again(situation, rewrite, self._meaning(until - situation.offsets.begin, whole_from))

    def _meaning(self, facts: int, whole_from: int | None) -> str:
        kept = ""
        if whole_from is not None:
            day = Window(whole_from).key.removeprefix("day|")
            kept = f"; days before {day} stay as they are and totals begin anew, since their facts are gone"
        return f"{facts} records are read once more to count {', '.join(self.names)}{kept}"


def plan_recount(
    plan: KpiPlan, names: Collection[str], *, every: bool, situations: Sequence[Situation], settings: WorkerSettings
) -> list[Step]:
    """Count the KPIs `names` anew; without names, those whose definition did not count all of their past, or all.

    Raises:
        ImpossibleError: there is no such KPI, or nothing to count anew.
    """
    for name in names:
        if name not in plan.definitions:
            raise ImpossibleError(f"config/kpis.toml has no KPI {name!r}; {suggest(name, sorted(plan.definitions))}")
    return run(_plan(plan, names or (plan.definitions if every else ()), situations, settings))


async def _plan(
    plan: KpiPlan, names: Collection[str], situations: Sequence[Situation], settings: WorkerSettings
) -> list[Step]:
    chosen = set(names)
    if not names:
        for situation in situations:
            held = (await read_states(situation, settings)).get(COUNTING_KEY)
            counting = Counting() if held is None else decode(held)
            if isinstance(counting, Counting):
                chosen |= counting.by(plan.definitions).outdated
    if not chosen:
        raise ImpossibleError("every KPI was counted by its definition from its first fact on; name one, or say --all")
    recounting = Recounting(
        plan, tuple(name for name in plan.definitions if name in chosen), epoch_ms(datetime.now(UTC))
    )
    return [recounting.step(each, await _whole_from(each, settings)) for each in situations]


async def _whole_from(situation: Situation, settings: WorkerSettings) -> int | None:
    """The first day whose facts are all there: the one after that which event time had reached at the first of them."""
    if situation.offsets.begin == 0:
        return None
    facts = read_to_end(settings.client, situation.topic.on_cluster, [situation.partition])
    async with aclosing(facts):
        async for record in facts:
            if (through_ms := _through_ms(record)) is not None:
                return through_ms // DAY_MS + 1
    return epoch_ms(datetime.now(UTC)) // DAY_MS + 1


def _through_ms(record: Record) -> int | None:
    message = orjson.loads(record.value or b"{}")
    return message["through_ms"] if message.get("type") == "progress" else None
