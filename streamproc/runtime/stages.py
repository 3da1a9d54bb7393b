"""All stages by name, made from the configuration: the one place where they are wired for live work."""

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

STAGES = ("collect", "decide", "learn", "measure")


def make_stage(name: str, configuration: Configuration, metrics: Metrics) -> Stage:
    """The stage of that name.

    Raises:
        KeyError: there is none.
    """
    app, plan = configuration.app, configuration.plan
    match name:
        case "collect":
            marks = MarkWriter(app.collect, app.kafka.prefix, metrics)
            return collect.stage(app.collect, configuration.families, MeteredCollect(metrics), marks.run)
        case "decide":
            know_kinds()  # loads River now, and not while events wait for their first scores
            return decide.stage(plan, signing_key(app), MeteredDecide(metrics))
        case "learn":
            return learn.stage(plan.models.churn, signing_key(app), MeteredLearn(metrics))
        case "measure":
            return measure.stage(configuration.kpi_plan, plan.version, MeteredMeasure(metrics))
        case _:
            raise KeyError(name)
