"""What was known at a cut: a replay of the records before it, and of nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path

from streamproc.customer.features import Feature
from streamproc.customer.state import MAX_QUESTIONS, Customer
from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import Plan, TriggerSettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.decide.states import decode_state
from streamproc.events.log import decode_record
from streamproc.events.times import DAY_MS, epoch_ms
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.measure.registry import KpiRegistry
from streamproc.models.config import ModelSettings
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.offline.backtest.asked import Asked, churn_of
from streamproc.offline.dumps.files import merge_dumps, write_dump
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.log_dump import read_in_turn
from streamproc.offline.replay.output_folder import STATE_FILE
from streamproc.offline.replay.run import Options, is_of_the_log, key_of, replay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from streamproc.offline.replay.states import all_states


@dataclass(frozen=True, slots=True)
class Cut:
    """A day, at whose end customers are judged by what they do in the `days` after it."""

    day: date
    days: int

    @property
    def end_ms(self) -> int:
        """The end of the cut's day (UTC)."""
        return epoch_ms(datetime.combine(self.day + timedelta(days=1), datetime.min.time(), UTC))

    @property
    def until_ms(self) -> int:
        """The end of the horizon."""
        return self.end_ms + self.days * DAY_MS


@dataclass(frozen=True, slots=True)
class Known:
    """What was known at a cut: the identified customers with an order, the released model, and what it goes by."""

    customers: list[Customer]
    bank: ModelBank
    asked: Asked
    functions: Mapping[str, Feature]


def known_at(cut: Cut, dumps: Sequence[Path], setup: ReplayConfig, folder: Path, jobs: int) -> Known:
    """Replay up to the cut, in `folder`: raw dumps with the cut's horizon, a customer log with its own.

    Raises:
        ReplayError: there is nothing before the cut, or the customer log's models answer another question.
    """
    asked, close_ms = for_churn_only(setup, cut.days), 0
    past = folder / "past.jsonl"
    if is_of_the_log(dumps):
        horizon = churn_of(setup.plan.predictions).prediction.horizon_days
        if cut.days != horizon:
            raise ReplayError(
                f"the models in a customer log answer for {horizon} days: use --churn-days {horizon}, or raw dumps"
            )
        written = write_dump(past, (record for record in read_in_turn(dumps) if _log_time(record) < cut.end_ms))
    else:
        last = Newest()
        before = (record for record in merge_dumps(dumps) if record.timestamp < cut.end_ms)
        written = write_dump(past, map(last.note, before))
        close_ms = cut.end_ms - 1 - last.at_ms
    if not written:
        raise ReplayError(f"nothing happened up to {cut.day}; choose a later --churn-cut")
    replay([past], asked, folder / "replay", Options(jobs=jobs, close_after_ms=close_ms))
    return _read(folder / "replay" / STATE_FILE, asked, key_of(dumps, setup))


class Newest:
    """The newest time of the records that passed."""

    at_ms = 0

    def note(self, record: DumpedRecord) -> DumpedRecord:
        """Let a record pass."""
        self.at_ms = max(self.at_ms, record.timestamp)
        return record


def _log_time(record: DumpedRecord) -> int:
    """A record's event time; in the customer log it may be far from the Kafka timestamp."""
    return epoch_ms(decode_record(record.value or b"").at)


def for_churn_only(setup: ReplayConfig, days: int) -> ReplayConfig:
    """The setup with this horizon and without what scores do not depend on, so that it is fast."""
    asked = churn_of(setup.plan.predictions)
    models = ModelSettings.model_validate({asked.name: with_horizon(asked.prediction, days)})
    plan = Plan(TriggerSettings(), OfferSettings(), SegmentSettings(), setup.plan.policy, models, setup.plan.features)
    return replace(setup, plan=plan, kpis=KpiRegistry(kpi=()))


def with_horizon(settings: ChurnPrediction, days: int) -> ChurnPrediction:
    """The same question for another horizon, asked more seldom if otherwise too many would be open."""
    lateness_days = ceil(settings.lateness_hours / 24)
    every = max(settings.ask_every_days, ceil((days + lateness_days) / MAX_QUESTIONS))
    changed = {"horizon_days": days, "ask_every_days": every}
    return ChurnPrediction.model_validate(settings.model_dump() | changed)


def _read(states: Path, setup: ReplayConfig, key: bytes) -> Known:
    customers, bank = [], ModelBank(key, setup.plan.predictions)
    for topic, _, _, raw in all_states(states):
        if topic == DECIDE_STATE_TOPIC:
            state = decode_state(raw)
            if isinstance(state, PartitionState):
                for release in state.releases.values():
                    if bank.version(release.model) != release.version:
                        bank = bank.with_release(release)
            elif isinstance(state, Customer) and state.is_identified and state.orders:
                customers.append(state)
    return Known(customers, bank, churn_of(setup.plan.predictions), setup.plan.functions)
