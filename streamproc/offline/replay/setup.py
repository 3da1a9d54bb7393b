"""What a replay goes by: the same configuration that the live stages are made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from streamproc.collect.raw_topic import RawTopics
from streamproc.collect.settings import CollectSettings
from streamproc.decide.plan import Plan
from streamproc.events.topics import LOG_TOPIC
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry
from streamproc.settings.configuration import Configuration


class ReplayError(ValueError):
    """A replay cannot go on: says where, why, and what to do."""


@dataclass(frozen=True)
class ReplayConfig:
    """Everything that decides what a replay gives; it can be sent to another process.

    Attributes:
        plan, kpis, collect: the configuration.
        raw_topics: what each raw topic may carry, and how it is read.
        partitions: how many partitions each topic has.
        signing_key: what the releases in a customer log are signed with.
    """

    plan: Plan
    kpis: KpiRegistry
    collect: CollectSettings
    raw_topics: RawTopics
    partitions: Mapping[str, int]
    signing_key: bytes

    @property
    def kpi_plan(self) -> KpiPlan:
        """The KPIs, ready to count by; made anew for each partition, since it cannot be sent to a process."""
        return KpiPlan.of(self.kpis, self.plan.shop.zone)

    @property
    def log_partitions(self) -> int:
        """How many partitions the customer log has."""
        return self.partitions[LOG_TOPIC]


def setup_of(configuration: Configuration, signing_key: bytes) -> ReplayConfig:
    """The setup of a configuration folder."""
    partitions = {topic.name: topic.partitions for topic in configuration.catalogue}
    app = configuration.app
    return ReplayConfig(
        configuration.plan, configuration.kpis, app.collect, configuration.raw_topics, partitions, signing_key
    )
