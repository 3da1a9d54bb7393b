"""Which stages there are, in the order of an event's way. A line of `MAKERS` is all that makes a stage known.

Commands, supervisor, ports, rights and `streamproc check` go by it; what a live stage shows of itself besides is in
`runtime/stages.py`.
"""

from collections.abc import Callable, Mapping

from streamproc.collect import stage as collect
from streamproc.decide import stage as decide
from streamproc.learn import stage as learn
from streamproc.measure import stage as measure
from streamproc.processor.api import Stage
from streamproc.settings.app import MetricsSettings
from streamproc.settings.configuration import Configuration

Maker = Callable[[Configuration], Stage]

MAKERS: Mapping[str, Maker] = {
    collect.STAGE: lambda configured: collect.stage(configured.app.collect, configured.raw_topics, b""),
    decide.STAGE: lambda configured: decide.stage(configured.plan, b"", configured.app.collect.topics),
    learn.STAGE: lambda configured: learn.stage(configured.plan.predictions, b""),
    measure.STAGE: lambda configured: measure.stage(configured.kpi_plan, configured.plan.version),
}
"""Each stage to be looked at, not to be run: it loads no model and shows nothing, and nothing can be signed with it."""

STAGES = tuple(MAKERS)


def stages_of(configuration: Configuration) -> tuple[Stage, ...]:
    """All stages, to be looked at."""
    return tuple(make(configuration) for make in MAKERS.values())


def port_of(stage: str, settings: MetricsSettings) -> int:
    """Where a stage's metrics are served: each on the port after the one before it; 0 for any free one.

    >>> [port_of(stage, MetricsSettings(first_port=9464)) for stage in STAGES]
    [9464, 9465, 9466, 9467]
    """
    return settings.first_port and settings.first_port + STAGES.index(stage)
