"""All stages by name, made from the configuration: the one place where they are wired."""

from streamproc.events.kpis import Kpi
from streamproc.metrics import Metrics
from streamproc.runtime.processor import Stage
from streamproc.runtime.stages import collect, decide, learn, measure
from streamproc.settings.configuration import Configuration, signing_key

STAGES = ("collect", "decide", "learn", "measure")


def make_stage(name: str, configuration: Configuration, metrics: Metrics) -> Stage:
    """The stage of that name.

    Raises:
        KeyError: there is none.
    """
    app, plan = configuration.app, configuration.plan
    match name:
        case "collect":
            return collect.stage(app.collect, metrics, app.kafka.prefix)
        case "decide":
            return decide.stage(plan, signing_key(app), metrics)
        case "learn":
            return learn.stage(plan.models.churn, signing_key(app), metrics)
        case "measure":
            return measure.stage(configuration.kpi_plan, plan.version, ShownKpis(metrics))
        case _:
            raise KeyError(name)


class ShownKpis:
    """Shows the KPIs over everything so far as metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, kpi: Kpi) -> None:
        """A KPI was published; money is shown in currency units."""
        if kpi.window != "total" or kpi.value is None or kpi.dimensions:
            return
        scale = 1_000_000 if kpi.unit == "micros" else 1
        self._metrics.kpi.labels(kpi.kpi).set(kpi.value / scale)
        if kpi.target is not None:
            self._metrics.kpi_target.labels(kpi.kpi).set(kpi.target)
