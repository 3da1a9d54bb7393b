"""All files of the configuration, read at once, with everything that is wrong in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from streamproc.config_error import ConfigError, Problem
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.profile_settings import DEFAULT_PROFILE, ProfileSettings
from streamproc.decide.journeys.journey import NO_JOURNEYS, JourneySettings
from streamproc.decide.offers.choice import OfferSettings
from streamproc.decide.plan import NO_FEATURES, Plan, TriggerSettings
from streamproc.decide.policy import PolicySettings
from streamproc.decide.segments.segment import SegmentSettings
from streamproc.decide.segments.tags import NO_TAGS, TagSettings
from streamproc.did_you_mean import suggest
from streamproc.events.email import MessageEvent
from streamproc.events.raw import EVENT_TYPES
from streamproc.events.shop import RateSettings, Shop
from streamproc.events.times import DAY_MS
from streamproc.measure.registry import KpiRegistry
from streamproc.models.config import ModelSettings
from streamproc.models.kind import RewardPrediction
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.settings.app import AppSettings
from streamproc.settings.blocks import (
    Tables,
    problems_between,
    problems_of_groups,
    problems_of_journeys,
    problems_of_kpis,
    problems_of_offers,
)
from streamproc.settings.configuration import Configuration
from streamproc.settings.environment import overlaid
from streamproc.settings.raw_topics import problems_of_raw_topics, raw_topics
from streamproc.settings.read import read_toml
from streamproc.settings.stage_topics import problems_of_topics
from streamproc.settings.stages import stages_of
from streamproc.settings.topics import Replication, TopicCatalogue, load_topics

M = TypeVar("M", bound=BaseModel)


def load(config_dir: Path, topics_dir: Path) -> Configuration:
    """Read all files.

    Raises:
        ConfigError: with all that is wrong in any of them.
    """
    problems = [Problem(str(each), "", "no such folder") for each in (config_dir, topics_dir) if not each.is_dir()]
    if problems:
        raise ConfigError(problems)

    files = _Files(config_dir, problems)
    app = read_toml(config_dir / "app.toml", AppSettings, problems, overlaid) or AppSettings.model_construct()
    rates = files.read_if_there("rates.toml", RateSettings, RateSettings())
    problems.extend(_problems_of_rates(config_dir / "rates.toml", rates, app.shop.currency))
    plan = _plan(files, Shop.of(app.shop.currency, app.shop.time_zone, rates))
    problems.extend(_problems_of_rules(config_dir, files, plan))
    kpis = files.read("kpis.toml", KpiRegistry)
    problems.extend(problems_of_kpis(str(config_dir / "kpis.toml"), files.tables))
    catalogue = None
    try:
        app, catalogue = _with_topics(app, plan.senders, config_dir, topics_dir)
    except ConfigError as error:
        problems.extend(error.problems)
    if problems or catalogue is None:
        raise ConfigError(problems)
    configuration = Configuration(app, plan.by_definition(), kpis, catalogue)
    if problems := list(problems_of_topics(stages_of(configuration), catalogue, topics_dir)):
        raise ConfigError(problems)
    return configuration


def _plan(files: "_Files", shop: Shop) -> Plan:
    """What decide decides by."""
    return Plan(
        files.read("triggers.toml", TriggerSettings),
        files.read("offers.toml", OfferSettings),
        files.read("segments.toml", SegmentSettings),
        files.read("policy.toml", PolicySettings),
        files.read("models.toml", ModelSettings),
        files.read_if_there("features.toml", FeatureSettings, NO_FEATURES),
        shop,
        files.read_if_there("tags.toml", TagSettings, NO_TAGS),
        files.read_if_there("journeys.toml", JourneySettings, NO_JOURNEYS),
        files.read_if_there("profile.toml", ProfileSettings, DEFAULT_PROFILE),
    )


def _problems_of_rules(config_dir: Path, files: "_Files", plan: Plan) -> Iterator[Problem]:
    """What the blocks of the files get wrong together."""
    yield from problems_of_journeys(str(config_dir / "journeys.toml"), files.tables)
    yield from problems_between(files.tables)
    for name in ("tags.toml", "segments.toml"):
        path = str(config_dir / name)
        yield from problems_of_groups(path, files.tables.get(path, {}))
    yield from _problems_of_rewards(str(config_dir / "models.toml"), plan)
    yield from _problems_of_uplift(str(config_dir / "models.toml"), plan)
    yield from problems_of_offers(str(config_dir / "offers.toml"), files.tables)


class _Files:
    """The files of a folder, each read once; what is wrong in one goes to `problems`, what is in it to `tables`."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self._folder, self._problems = folder, problems
        self.tables: dict[str, Tables] = {}

    def read(self, name: str, model: type[M]) -> M:
        """A file; if it cannot be understood, as if nothing stood in it."""
        path = self._folder / name

        def kept(tables: dict[str, Any]) -> dict[str, Any]:
            self.tables[str(path)] = tables
            return tables

        return read_toml(path, model, self._problems, kept) or model.model_construct()

    def read_if_there(self, name: str, model: type[M], otherwise: M) -> M:
        """A file that need not be there."""
        return self.read(name, model) if (self._folder / name).exists() else otherwise


def _with_topics(
    app: AppSettings, senders: Sequence[str], config_dir: Path, topics_dir: Path
) -> tuple[AppSettings, TopicCatalogue]:
    """The settings with the raw topics that collect reads, and all topics.

    Raises:
        ConfigError: the files of the topics are not right, or collect cannot read what it is to read.
    """
    catalogue = _catalogue(topics_dir, app, senders)
    app = _reading_all(app, catalogue)
    if problems := list(problems_of_raw_topics(str(config_dir / "app.toml"), app.collect.topics, catalogue)):
        raise ConfigError(problems)
    return app, catalogue


def _catalogue(topics_dir: Path, app: AppSettings, senders: Sequence[str]) -> TopicCatalogue:
    replication = Replication(app.kafka.replication_factor, app.kafka.min_insync_replicas)
    return load_topics(topics_dir, triggers=senders, prefix=app.kafka.prefix, replication=replication)


def _problems_of_rewards(path: str, plan: Plan) -> Iterator[Problem]:
    """Rewards that are told when a visitor is forgotten: only of who came back anything would be learned."""
    for name, each in plan.predictions.items():
        if not isinstance(each, RewardPrediction):
            continue
        days = (each.horizon_ms + each.lateness_ms) / DAY_MS
        if days > plan.policy.visitor_days:
            message = (
                f"what an offer brings is known after {days:g} days, but a visitor is forgotten after "
                f"{plan.policy.visitor_days:g} (policy.toml: visitor_days)"
            )
            yield Problem(path, f"{name}.horizon_days", message)


def _problems_of_uplift(path: str, plan: Plan) -> Iterator[Problem]:
    """Triggers that are not there, or that nobody is held out from; and features that messages move."""
    triggers = plan.trigger_by_name
    of_messages = {
        each.name
        for each in plan.features.feature
        if any(issubclass(EVENT_TYPES[event], MessageEvent) for event in each.event)
    }
    for name, each in plan.predictions.items():
        if not isinstance(each, UpliftPrediction):
            continue
        if each.trigger not in triggers:
            message = f"no trigger {each.trigger!r} in triggers.toml; {suggest(each.trigger, sorted(triggers))}"
            yield Problem(path, f"{name}.trigger", message)
        elif triggers[each.trigger].cap_class != "marketing":
            message = f"{each.trigger} is transactional: nobody is held out from it, so what it does cannot be learned"
            yield Problem(path, f"{name}.trigger", message)
        if moved := sorted(of_messages.intersection(each.features)):
            message = f"who is held out gets no messages, which move these: leave out {', '.join(moved)}"
            yield Problem(path, f"{name}.features", message)


def _problems_of_rates(path: Path, rates: RateSettings, currency: str) -> Iterator[Problem]:
    for number, rate in enumerate(rates.rate):
        if rate.currency == currency:
            yield Problem(str(path), f"rate.{number}.currency", f"{currency} is the shop's own: it needs no rate")


def _reading_all(app: AppSettings, catalogue: TopicCatalogue) -> AppSettings:
    """The settings with all raw topics that there are, if they name none."""
    if "topics" in app.collect.model_fields_set:
        return app
    collecting = app.collect.model_copy(update={"topics": raw_topics(catalogue)})
    return app.model_copy(update={"collect": collecting})
