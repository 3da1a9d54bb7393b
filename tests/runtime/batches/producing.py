"""Sending a batch as it is, past every check that a producer makes."""

from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import NotLeaderForPartitionError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.produce import ProduceRequest

NOT_YET = {NotLeaderForPartitionError.errno, UnknownTopicOrPartitionError.errno}
"""A topic was made a moment ago."""


async def produce(bootstrap: str, topic: str, *batches: bytes, partition: int = 0) -> None:
    """Send batches one after the other; raises what the broker says if it refuses one."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=False) as producer:
        client: Any = producer.client
        await client.add_topic(topic)
        for batch in batches:
            while (code := await _send(client, TopicPartition(topic, partition), batch)) in NOT_YET:
                await client.force_metadata_update()
            if code:
                raise for_code(code)


async def _send(client: Any, place: TopicPartition, batch: bytes) -> int:
    leader = client.cluster.leader_for_partition(place)
    request = ProduceRequest(None, -1, 10_000, [(place.topic, [(place.partition, batch)])])
    response = await client.send(leader, request)
    ((_, ((_, code, *_),)),) = response.topics
    assert isinstance(code, int)
    return code
