"""The identity of topics: a recreated topic has the same name, another id, and other offsets.

aiokafka 0.14 speaks the Metadata API up to version 5, which has no ids; so this file brings version 11, the oldest one
with ids that needs no name to be null, spoken by Kafka 2.8 and newer.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from streamproc.runtime.client.connection import connected

ID_BYTES = 16
BITS = 31
NOT_SAID = -(1 << BITS)
"""In an answer: which operations are allowed, the broker does not know."""

ANY_ID = bytes(ID_BYTES)
"""In a request: look the topic up by its name."""


class TopicIdentity(NamedTuple):
    """A topic's id in this cluster, hex, and how many partitions it has."""

    topic_id: str
    partitions: int


async def describe(client: Mapping[str, Any], names: Iterable[str]) -> dict[str, TopicIdentity]:
    """Look topics up by their names on the cluster; one that does not exist is not in the answer.

    Args:
        client: aiokafka's connection arguments, `bootstrap_servers` included.
        names: full names, with the prefix.

    Raises:
        aiokafka.errors.KafkaError: the cluster cannot be reached, or will not say (no permission).
    """
    found: dict[str, TopicIdentity] = {}
    for error_code, name, topic_id, _internal, partitions, *_rest in await _ask(client, names):
        if error_code == UnknownTopicOrPartitionError.errno:
            continue
        if error_code:
            raise for_code(error_code)(f"Kafka does not describe {name}")
        found[name] = TopicIdentity(topic_id.hex(), len(partitions))
    return found


async def allowed_operations(client: Mapping[str, Any], names: Iterable[str]) -> dict[str, frozenset[int]]:
    """What we may do with each topic, by Kafka's numbers; nothing with one that it does not even describe to us.

    A topic that does not exist is not in the answer; nor is one about which the broker does not say.
    """
    allowed: dict[str, frozenset[int]] = {}
    for error_code, name, _id, _internal, _partitions, operations, *_rest in await _ask(client, names):
        if error_code == TopicAuthorizationFailedError.errno:
            allowed[name] = frozenset()
        elif not error_code and operations != NOT_SAID:
            allowed[name] = frozenset(number for number in range(BITS) if operations >> number & 1)
    return allowed


async def _ask(client: Mapping[str, Any], names: Iterable[str]) -> Any:
    async with connected(client) as kafka:
        reply = await kafka.send(kafka.get_random_node(), _MetadataRequest(sorted(set(names))))
    return reply.topics


class _Uuid:
    """16 bytes; aiokafka's protocol types have none."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(ID_BYTES)


class _MetadataResponseV11(Response):  # type: ignore[misc]  # aiokafka is untyped here
    API_KEY = 3
    API_VERSION = 11
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestV11(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 11
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponseV11
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestV11]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_MetadataRequestV11]) -> _MetadataRequestV11:
        return request_struct_class([(ANY_ID, name, {}) for name in self._names], False, True, {})  # noqa: FBT003
