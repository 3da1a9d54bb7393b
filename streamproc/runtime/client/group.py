"""What Kafka says of a consumer group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code


@dataclass(frozen=True, slots=True)
class Member:
    """One that is in a group, or died less than a session ago; `given` is what it was given, as it was encoded."""

    client_id: str
    host: str
    given: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """A group: whether it has given its partitions out, and who is in it."""

    is_stable: bool
    members: tuple[Member, ...]


async def describe_group(client: Mapping[str, Any], group: str) -> Group:
    """Ask its coordinator.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not say.
    """
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        (reply,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    ((error_code, _name, state, _type, _protocol, members, *_rest),) = reply.groups
    if error_code:
        raise for_code(error_code)(group)
    found = (Member(client_id, host, given) for _id, client_id, host, _asked, given, *_ in members)
    return Group(state == "Stable", tuple(found))
