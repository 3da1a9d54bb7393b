"""The stages made for live work: with keys, metrics and companions; which there are, `settings/stages.py` says."""

from collections.abc import Callable, Mapping

from streamproc.collect import stage as collect
from streamproc.decide import stage as decide
from streamproc.learn import stage as learn
from streamproc.measure import stage as measure
from streamproc.metrics import Metrics
from streamproc.models.as_data.known import know_kinds
from streamproc.processor.api import Stage
from streamproc.runtime.telemetry.stages import MeteredCollect, MeteredDecide, MeteredLearn, MeteredMeasure
from streamproc.runtime.watermarks import MarkWriter
from streamproc.settings.configuration import Configuration
from streamproc.settings.signing import signing_key
from streamproc.settings.stages import MAKERS


def make_stage(name: str, configuration: Configuration, metrics: Metrics) -> Stage:
    """The stage of that name; one that shows nothing and signs nothing needs no line in this file.

    Raises:
        KeyError: there is none.
    """
    live = _LIVE.get(name)
    return MAKERS[name](configuration) if live is None else live(configuration, metrics)


def _collect(configuration: Configuration, metrics: Metrics) -> Stage:
    app = configuration.app
    marks = MarkWriter(app.collect, app.kafka.prefix, metrics)
    key = signing_key(app)
    return collect.stage(app.collect, configuration.raw_topics, key, MeteredCollect(metrics), marks.run)


def _decide(configuration: Configuration, metrics: Metrics) -> Stage:
    know_kinds()  # loads River now, and not while events wait for their first scores
    app, plan = configuration.app, configuration.plan
    return decide.stage(plan, signing_key(app), app.collect.topics, MeteredDecide(metrics, plan.predictions))


def _learn(configuration: Configuration, metrics: Metrics) -> Stage:
    return learn.stage(configuration.plan.predictions, signing_key(configuration.app), MeteredLearn(metrics))


def _measure(configuration: Configuration, metrics: Metrics) -> Stage:
    return measure.stage(configuration.kpi_plan, configuration.plan.version, MeteredMeasure(metrics))


_LIVE: Mapping[str, Callable[[Configuration, Metrics], Stage]] = {
    collect.STAGE: _collect,
    decide.STAGE: _decide,
    learn.STAGE: _learn,
    measure.STAGE: _measure,
}
