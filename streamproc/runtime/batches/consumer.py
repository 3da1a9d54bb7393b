"""aiokafka's consumer, with `CarefulRecords` instead of its own way of unpacking what was fetched.

It leans on two things of aiokafka: that its client's `send` hands the answer to a fetch straight to the fetcher, and
that the fetcher keeps what came in `_records`, by partition (`tests/runtime/test_contract.py`).
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.protocol.fetch import FetchRequest

from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.records import CarefulRecords


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka is untyped here
    """Returns `Unreadable` in the place of what cannot be read. Partitions are assigned after the start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._care = Care()

    async def start(self) -> None:
        """As aiokafka's, and from now on what is fetched is unpacked our way."""
        await super().start()
        self._fetcher._records = _Results(self._client, self._care)  # noqa: SLF001

    def begin_call(self) -> None:
        """To be called before records are taken: what is unpacked is bounded from here to the next time."""
        self._care.begin()

    async def getmany(self, *partitions: TopicPartition, **options: Any) -> Mapping[TopicPartition, Any]:
        """As aiokafka's."""
        self.begin_call()
        records: Mapping[TopicPartition, Any] = await super().getmany(*partitions, **options)
        return records


class _Results(OrderedDict[TopicPartition, Any]):
    """What was fetched, by partition; each message set gets our way of unpacking when it comes in."""

    def __init__(self, client: Any, care: Care) -> None:
        super().__init__()
        self._care = care
        self._latest: dict[TopicPartition, bytes] = {}
        self._keep_answers_of(client)

    def __setitem__(self, partition: TopicPartition, result: Any) -> None:
        if isinstance(result, FetchResult):
            theirs, message_set = result._partition_records, self._latest.pop(partition)  # noqa: SLF001
            result._partition_records = CarefulRecords(theirs, message_set, self._care)  # noqa: SLF001
        super().__setitem__(partition, result)

    def _keep_answers_of(self, client: Any) -> None:
        """The bytes are to be had nowhere else; between `send` and the fetcher nothing else runs."""
        send = client.send

        async def keep(node_id: int, request: Any, **options: Any) -> Any:
            response = await send(node_id, request, **options)
            if isinstance(request, FetchRequest):
                self._latest = {
                    TopicPartition(topic, partition): message_set
                    for topic, partitions in response.topics
                    for partition, *_, message_set in partitions
                }
            return response

        client.send = keep
