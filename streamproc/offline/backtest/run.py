"""A backtest: replay the dump with the product's own code, and judge what it said by what happened then."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from streamproc import __version__
from streamproc.events.times import DAY_MS, epoch_ms, rfc3339
from streamproc.events.topics import (
    FORECASTS_TOPIC,
    KPIS_TOPIC,
    LOG_TOPIC,
    MODEL_AUDIT_TOPIC,
    MODELS_TOPIC,
    OFFERS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TRAINING_TOPIC,
    trigger_topic,
)
from streamproc.offline.backtest.asked import churn_of
from streamproc.offline.backtest.churn import ChurnResult, judge_churn
from streamproc.offline.backtest.cut import Cut, known_at
from streamproc.offline.backtest.golden import Golden, GoldenResult, compare
from streamproc.offline.backtest.offers import OfferResult, judge_offers
from streamproc.offline.backtest.orders import Behaviour, behaviour_of
from streamproc.offline.backtest.persuadables import PersuadablesResult, judge_persuadables
from streamproc.offline.backtest.predictions import PredictionResult, judge_predictions
from streamproc.offline.backtest.progressive import ProgressiveResult, judge_scores
from streamproc.offline.backtest.ranking import RankingGain, RankingLine, RankingResult, judge_ranking
from streamproc.offline.backtest.reading import messages
from streamproc.offline.backtest.released import ReleasedModel, released_models
from streamproc.offline.backtest.rfm import RfmResult, judge_rfm
from streamproc.offline.backtest.triggers import RuleResult, judge_triggers
from streamproc.offline.backtest.uplift import UpliftResult, judge_trigger_uplift, judge_uplift
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.replay.consent import assuming_consent
from streamproc.offline.replay.money import orders_without_rate
from streamproc.offline.replay.output import SUFFIX
from streamproc.offline.replay.run import Options, is_of_the_log, replay
from streamproc.offline.replay.setup import ReplayConfig
from streamproc.offline.replay.summary import Summary

OnStep = Callable[[str, int], None]
"""Is told what is being done, and how many records are read."""


@dataclass(frozen=True)
class Questions:
    """What a backtest is asked.

    Attributes:
        cuts: when churn is judged, and for how many days.
        ranking_from: the first day whose baskets judge product rankings; None: that of the first cut.
        reward_days: how long an offer's reward is waited for.
        goldens: KPIs to compare with golden files.
        assume_consent: as if everybody had allowed marketing who has not said anything.
        jobs: how many processes.
    """

    cuts: Sequence[Cut] = ()
    ranking_from: date | None = None
    reward_days: float = 14
    goldens: Sequence[Golden] = ()
    assume_consent: bool = False
    jobs: int = 1


@dataclass(frozen=True)
class Result:
    """Everything that a backtest found; `result.json` is this."""

    dumps: list[str]
    events: int
    customers: int
    orders: int
    orders_without_rate: dict[str, int]
    first_order: str | None
    through: str
    plan_version: str
    model_versions: int
    assumed_consent: bool
    churn: list[ChurnResult]
    scores: ProgressiveResult
    predictions: list[PredictionResult]
    rfm: RfmResult
    ranking: list[RankingLine]
    ranking_gains: list[RankingGain]
    ranking_from: str | None
    offers: OfferResult
    uplift: UpliftResult
    trigger_uplift: dict[str, UpliftResult]
    persuadables: list[PersuadablesResult]
    triggers: list[RuleResult]
    golden: list[GoldenResult]
    models: list[ReleasedModel]
    streamproc: str = field(default=__version__)


def backtest(
    dumps: Sequence[Path],
    setup: ReplayConfig,
    questions: Questions,
    work: Path,
    on_step: OnStep = lambda _what, _done: None,
) -> Result:
    """Replay and judge; `work` is an empty folder for what is needed on the way.

    Raises:
        ReplayError, DumpError: the dumps cannot be replayed.
        GoldenError: a golden file cannot be compared with.
        ValueError: a question cannot be answered from this dump.
    """
    if questions.assume_consent:
        setup = assuming_consent(setup)
    out = work / "all"
    options = Options(
        jobs=questions.jobs,
        close_after_ms=to_the_end_of_the_day(dumps),
        on_progress=lambda done: on_step("replaying everything", done),
    )
    summary = replay(dumps, setup, out, options)
    on_step("reading what customers did", 0)
    behaviour = behaviour_of(dumps if is_of_the_log(dumps) else [out / f"{LOG_TOPIC}{SUFFIX}"])
    churn = []
    for number, cut in enumerate(questions.cuts):
        on_step(f"churn as known at {cut.day}", 0)
        folder = work / f"cut-{number}"
        folder.mkdir()
        churn.append(judge_churn(cut, known_at(cut, dumps, setup, folder, questions.jobs), behaviour))
    on_step("judging", 0)
    return _judged(dumps, setup, questions, out, (summary, behaviour, churn))


def _judged(
    dumps: Sequence[Path],
    setup: ReplayConfig,
    questions: Questions,
    out: Path,
    known: tuple[Summary, Behaviour, list[ChurnResult]],
) -> Result:
    summary, behaviour, churn = known
    plan = setup.plan

    def triggers() -> Iterable[Any]:
        return chain.from_iterable(messages(out, trigger_topic(name)) for name in plan.senders)

    since = questions.ranking_from or (questions.cuts[0].day if questions.cuts else None)
    ranking = judge_ranking(behaviour, _start_of(since)) if since else RankingResult()
    return Result(
        dumps=[path.name for path in dumps],
        events=summary.events,
        customers=len(behaviour.by_customer),
        orders=len(behaviour.orders),
        orders_without_rate=orders_without_rate(out),
        first_order=rfc3339(behaviour.orders[0].at_ms) if behaviour.orders else None,
        through=rfc3339(behaviour.through_ms),
        plan_version=summary.plan_version,
        model_versions=len(summary.model_versions),
        assumed_consent=questions.assume_consent,
        churn=churn,
        scores=judge_scores(messages(out, TRAINING_TOPIC), churn_of(plan.predictions), behaviour.through_ms),
        predictions=judge_predictions(
            messages(out, TRAINING_TOPIC), messages(out, FORECASTS_TOPIC), plan.predictions, behaviour.through_ms
        ),
        rfm=judge_rfm(messages(out, TRAINING_TOPIC), messages(out, MODELS_TOPIC), plan, behaviour.through_ms),
        ranking=ranking.lines,
        ranking_gains=ranking.gains,
        ranking_from=since.isoformat() if since else None,
        offers=judge_offers(messages(out, OFFERS_TOPIC), plan.offers.offer, behaviour, questions.reward_days),
        uplift=judge_uplift(messages(out, OFFERS_TOPIC), behaviour, questions.reward_days),
        trigger_uplift=judge_trigger_uplift(
            triggers(), messages(out, SUPPRESSIONS_TOPIC), behaviour, questions.reward_days
        ),
        persuadables=judge_persuadables(messages(out, TRAINING_TOPIC), plan.predictions, behaviour.through_ms),
        triggers=judge_triggers(triggers(), messages(out, SUPPRESSIONS_TOPIC), behaviour),
        golden=[compare(golden, messages(out, KPIS_TOPIC)) for golden in questions.goldens],
        models=released_models(messages(out, MODELS_TOPIC), messages(out, MODEL_AUDIT_TOPIC), plan.predictions),
    )


def to_the_end_of_the_day(dumps: Sequence[Path]) -> int:
    """How much of the last day is left after the last raw record: a dump is taken to hold its last day in full."""
    last_ms = max((record.timestamp for path in dumps for record in read_dump(path)), default=0)
    return -last_ms % DAY_MS


def _start_of(day: date) -> int:
    return epoch_ms(datetime.combine(day, datetime.min.time(), UTC))
