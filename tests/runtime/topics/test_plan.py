from collections.abc import Mapping
from dataclasses import replace

import pytest

from streamproc.runtime.topics.plan import Addition, Change, Creation, ExistingTopic, TopicPlan, compare
from streamproc.settings.topics import Topic, TopicCatalogue

LOG = Topic(
    name="shop.log.v1",
    file="topics/shop.log.v1.toml",
    purpose="The log.",
    key="customer id",
    partitions=4,
    keyed=True,
    cleanup="delete",
    replication_factor=1,
    configs={"retention.ms": "-1"},
    producers=("collect",),
    consumers=("decide",),
)
RAW = replace(LOG, name="shop.raw.v1", keyed=False)
FACTS = replace(LOG, name="shop.facts.v1", keyed=False, partitions_of=LOG.name)


def wanted(*topics: Topic) -> TopicCatalogue:
    return TopicCatalogue({topic.name: topic for topic in topics})


def existing(partitions: int = 4, configs: Mapping[str, str] = LOG.configs) -> ExistingTopic:
    return ExistingTopic(partitions, configs)


def test_a_missing_topic_is_created() -> None:
    assert compare(wanted(LOG), {}) == TopicPlan(creations=(Creation(LOG.name, LOG),))


def test_the_prefix_is_part_of_the_name_on_the_cluster() -> None:
    catalogue = TopicCatalogue({LOG.name: LOG}, prefix="acme.")
    assert compare(catalogue, {LOG.name: existing()}).creations == (Creation("acme.shop.log.v1", LOG),)


def test_a_topic_as_it_should_be_is_left_alone() -> None:
    assert compare(wanted(LOG), {LOG.name: existing()}) == TopicPlan(unchanged=(LOG.name,))


def test_a_topic_that_is_in_no_file_is_left_alone() -> None:
    assert compare(wanted(), {"somebody.elses": existing()}) == TopicPlan()


def test_a_setting_that_differs_is_changed_and_one_that_no_file_names_is_not() -> None:
    there = existing(configs={"retention.ms": "5", "leader.replication.throttled.replicas": "*"})
    assert compare(wanted(LOG), {LOG.name: there}).changes == (Change(LOG.name, {"retention.ms": ("5", "-1")}),)


def test_a_topic_without_keys_gets_more_partitions() -> None:
    assert compare(wanted(RAW), {RAW.name: existing(2)}).additions == (Addition(RAW.name, 2, 4),)


def test_a_topic_without_keys_may_have_more_partitions_than_its_file_says() -> None:
    assert compare(wanted(RAW), {RAW.name: existing(8)}) == TopicPlan(unchanged=(RAW.name,))


@pytest.mark.parametrize("partitions", [2, 8])
def test_a_keyed_topic_is_never_repartitioned(partitions: int) -> None:
    plan = compare(wanted(LOG), {LOG.name: existing(partitions)})
    assert not plan.steps
    [problem] = plan.refused
    assert str(problem) == (
        f"shop.log.v1 has {partitions} partitions where topics/shop.log.v1.toml wants 4: "
        f"make a new topic version, or set `partitions = {partitions}` in topics/shop.log.v1.toml"
    )


def test_a_co_partitioned_topic_is_never_repartitioned_even_without_keys() -> None:
    plan = compare(wanted(LOG, FACTS), {LOG.name: existing(), FACTS.name: existing(2)})
    assert [problem.name for problem in plan.refused] == [FACTS.name]
    assert "as many as shop.log.v1" in plan.refused[0].remedy
