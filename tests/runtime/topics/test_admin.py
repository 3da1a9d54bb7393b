"""Against a real Kafka: what is planned is done, and what is done is seen."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError

from streamproc.runtime.client.topic_ids import describe
from streamproc.runtime.topics.admin import TopicsNotAppliedError, apply, check_topics, plan
from streamproc.runtime.topics.configs import change_configs, read_configs
from streamproc.settings.topics import TopicCatalogue, load_topics

pytestmark = pytest.mark.kafka

Client = Mapping[str, Any]

FOLDER = Path(__file__).parents[3] / "topics"
LOG, OFFERS, CLICKS = "shop.customer-events.v1", "marketing.offers.v1", "shop.clickstream.v1"


@pytest.fixture
def client(kafka: Any) -> Client:
    return {"bootstrap_servers": kafka.bootstrap}


@pytest.fixture
def catalogue() -> TopicCatalogue:
    """The committed topics, under a prefix of their own."""
    return load_topics(FOLDER, triggers=["abandoned_cart"], prefix=f"t{uuid4().hex[:8]}.")


def only(catalogue: TopicCatalogue, *names: str) -> TopicCatalogue:
    return replace(catalogue, topics={name: catalogue[name] for name in names})


def with_topic(catalogue: TopicCatalogue, name: str, **changes: Any) -> TopicCatalogue:
    return replace(catalogue, topics={**catalogue.topics, name: replace(catalogue[name], **changes)})


async def until(client: Client, name: str, *, there: bool) -> None:
    """A broker's answer comes a little before it sees the change itself."""
    while (name in await describe(client, [name])) != there:  # noqa: ASYNC110  Kafka tells nobody
        await asyncio.sleep(0.05)


def create(client: Client, name: str, partitions: int) -> None:
    """A topic as somebody made it by hand."""

    async def by_hand() -> None:
        admin = AIOKafkaAdminClient(**client)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, partitions, 1)])
        finally:
            await admin.close()
        await until(client, name, there=True)

    asyncio.run(by_hand())


def bring_about(client: Client, catalogue: TopicCatalogue) -> None:
    async def planned_and_applied() -> None:
        await apply(client, await plan(client, catalogue))

    asyncio.run(planned_and_applied())


def problems(client: Client, catalogue: TopicCatalogue, *names: str) -> list[str]:
    found = asyncio.run(check_topics(client, catalogue, names))
    return [str(problem).replace(catalogue.prefix, "") for problem in found]


def test_all_topics_are_made_as_their_files_say_and_then_nothing_is_left_to_do(
    client: Client, catalogue: TopicCatalogue
) -> None:
    bring_about(client, catalogue)
    after = asyncio.run(plan(client, catalogue))
    assert (after.steps, after.refused) == ((), ())
    assert len(after.unchanged) == len(catalogue.topics)
    assert problems(client, catalogue, *catalogue.topics) == []
    found = asyncio.run(describe(client, map(catalogue.on_cluster, catalogue.topics)))
    assert {name: identity.partitions for name, identity in found.items()} == {
        catalogue.on_cluster(topic.name): topic.partitions for topic in catalogue
    }


def test_a_changed_file_changes_the_topic_and_leaves_settings_made_by_hand(
    client: Client, catalogue: TopicCatalogue
) -> None:
    first = only(catalogue, CLICKS)
    bring_about(client, first)
    name = first.on_cluster(CLICKS)

    async def by_hand() -> None:
        admin = AIOKafkaAdminClient(**client)
        await admin.start()
        assert await change_configs(admin, {name: {"flush.ms": "1234"}}) == {}
        await admin.close()

    asyncio.run(by_hand())
    configs = {**first[CLICKS].configs, "retention.bytes": "777"}
    bring_about(client, with_topic(first, CLICKS, configs=configs, partitions=6))

    async def look() -> dict[str, str]:
        admin = AIOKafkaAdminClient(**client)
        await admin.start()
        try:
            return (await read_configs(admin, [name]))[name]
        finally:
            await admin.close()

    now = asyncio.run(look())
    assert (now["retention.bytes"], now["flush.ms"]) == ("777", "1234")
    assert asyncio.run(describe(client, [name]))[name].partitions == 6


def test_while_a_keyed_topic_is_refused_nothing_else_is_done(client: Client, catalogue: TopicCatalogue) -> None:
    create(client, catalogue.on_cluster(LOG), partitions=2)
    with pytest.raises(TopicsNotAppliedError, match="wants 4"):
        bring_about(client, only(catalogue, LOG, CLICKS))
    assert asyncio.run(describe(client, [catalogue.on_cluster(CLICKS)])) == {}


def test_what_kafka_refuses_is_told_with_its_reason_by_topic(client: Client, catalogue: TopicCatalogue) -> None:
    wrong = with_topic(only(catalogue, CLICKS, LOG), CLICKS, configs={"retention.sm": "1"})
    with pytest.raises(TopicsNotAppliedError) as caught:
        bring_about(client, wrong)
    assert list(caught.value.reasons) == [catalogue.on_cluster(CLICKS)]
    assert "retention.sm" in str(caught.value)
    assert problems(client, wrong, LOG) == []


def test_a_setting_that_kafka_does_not_take_is_told_too(client: Client, catalogue: TopicCatalogue) -> None:
    first = only(catalogue, CLICKS)
    bring_about(client, first)
    with pytest.raises(TopicsNotAppliedError, match="retention"):
        bring_about(client, with_topic(first, CLICKS, configs={"retention.bytes": "many"}))


def test_a_recreated_topic_has_another_id(client: Client, catalogue: TopicCatalogue) -> None:
    one = only(catalogue, CLICKS)
    name = one.on_cluster(CLICKS)
    bring_about(client, one)
    before = asyncio.run(describe(client, [name]))[name]

    async def deleted() -> None:
        admin = AIOKafkaAdminClient(**client)
        await admin.start()
        await admin.delete_topics([name])
        await admin.close()
        await until(client, name, there=False)

    asyncio.run(deleted())
    bring_about(client, one)
    after = asyncio.run(describe(client, [name]))[name]
    assert len(bytes.fromhex(after.topic_id)) == 16
    assert after.partitions == before.partitions
    assert after.topic_id != before.topic_id


def test_to_look_a_topic_up_does_not_create_it(client: Client, catalogue: TopicCatalogue) -> None:
    name = catalogue.on_cluster(LOG)
    assert asyncio.run(describe(client, [name])) == {}
    assert asyncio.run(describe(client, [name])) == {}


def test_a_worker_is_told_of_a_missing_topic_and_how_to_get_it(client: Client, catalogue: TopicCatalogue) -> None:
    assert problems(client, catalogue, LOG) == ["shop.customer-events.v1 does not exist: run `streamproc topics apply`"]


def test_a_worker_is_told_of_a_keyed_topic_with_another_number_of_partitions(
    client: Client, catalogue: TopicCatalogue
) -> None:
    create(client, catalogue.on_cluster(LOG), partitions=2)
    [problem] = problems(client, catalogue, LOG)
    assert "has 2 partitions where" in problem
    assert "set `partitions = 2` in" in problem


def test_a_worker_is_told_of_topics_that_are_not_co_partitioned(client: Client, catalogue: TopicCatalogue) -> None:
    create(client, catalogue.on_cluster(LOG), partitions=4)
    create(client, catalogue.on_cluster(OFFERS), partitions=3)
    [problem] = problems(client, catalogue, OFFERS, LOG)
    assert problem.startswith("marketing.offers.v1 has 3 partitions where shop.customer-events.v1 has 4: ")
    assert "streamproc topics apply" in problem


def test_a_raw_topic_may_have_any_number_of_partitions(client: Client, catalogue: TopicCatalogue) -> None:
    create(client, catalogue.on_cluster(CLICKS), partitions=7)
    assert problems(client, catalogue, CLICKS) == []


def test_a_cluster_that_is_not_there_is_an_error_and_not_an_empty_answer(catalogue: TopicCatalogue) -> None:
    with pytest.raises(KafkaConnectionError):
        asyncio.run(plan({"bootstrap_servers": "127.0.0.1:1"}, catalogue))
