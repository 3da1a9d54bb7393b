"""The whole configuration, as the commands and the stages use it."""

from dataclasses import dataclass
from functools import cached_property

from streamproc.collect.raw_topic import RawTopic, RawTopics
from streamproc.decide.plan import Plan
from streamproc.measure.plan import KpiPlan
from streamproc.measure.registry import KpiRegistry
from streamproc.settings.app import AppSettings
from streamproc.settings.topics import TopicCatalogue


@dataclass(frozen=True)
class Configuration:
    """What the commands work with.

    Attributes:
        app: `config/app.toml` with the environment over it.
        plan: what decide decides by.
        kpis: what measure counts.
        catalogue: the topics.
    """

    app: AppSettings
    plan: Plan
    kpis: KpiRegistry
    catalogue: TopicCatalogue

    @cached_property
    def kpi_plan(self) -> KpiPlan:
        """The KPIs, ready to count by."""
        return KpiPlan.of(self.kpis, self.app.shop.time_zone)

    @cached_property
    def raw_topics(self) -> RawTopics:
        """The topics that collect reads: what each may carry, and how it is read."""
        topics = map(self.catalogue.__getitem__, self.app.collect.topics)
        purposes = frozenset(self.plan.policy.purposes)
        return {topic.name: RawTopic(topic.name, topic.families, topic.adapter, purposes) for topic in topics}

    @property
    def client(self) -> dict[str, object]:
        """Aiokafka's connection arguments."""
        return self.app.kafka.client
