"""Which rights are missing: Kafka is asked before work begins, and again when it refuses something.

Against an error that tells of a topic and not what was to be done with it, or that aiokafka tries again for ever; and
against finding one missing right after the other. Groups and transactional ids are asked for by a request of nobody,
which changes nothing and is refused with a reason: whether for want of the right, or because there is no such member.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TransactionalIdAuthorizationFailed
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import EndTxnRequest

from streamproc.runtime.client.authentication import reach
from streamproc.runtime.client.connection import connected
from streamproc.runtime.client.rights import Operation, Resource, Right
from streamproc.runtime.client.topic_ids import allowed_operations
from streamproc.runtime.exits import Exit
from streamproc.runtime.refusal import RefusedError

ASK_SECONDS = 10.0
"""How long a worker that is about to end asks which right was taken away."""


class NotAuthorisedError(RefusedError):
    """Kafka does not permit what is needed; `rights` are all that are missing."""

    code = Exit.NOT_AUTHORISED

    def __init__(self, rights: Sequence[Right]) -> None:
        self.rights = tuple(rights)
        super().__init__(", ".join(map(str, rights)))


async def admit(client: Mapping[str, Any], rights: Iterable[Right]) -> None:
    """Return if Kafka accepts us and permits all this.

    Raises:
        NotAuthenticatedError: it does not accept us.
        NotAuthorisedError: rights are missing.
        aiokafka.errors.KafkaError: it cannot be reached.
    """
    await reach(client)
    if missing := await missing_rights(client, list(rights)):
        raise NotAuthorisedError(missing)


async def missing_rights(client: Mapping[str, Any], rights: Sequence[Right]) -> list[Right]:
    """Those that Kafka does not grant; of topics that do not exist, none is."""
    topics = {right.name for right in rights if right.resource is Resource.TOPIC}
    allowed = await allowed_operations(client, topics)
    async with connected(client) as kafka:
        return [
            right
            for right in rights
            if (
                right.operation not in allowed.get(right.name, {right.operation})
                if right.resource is Resource.TOPIC
                else await _is_refused(kafka, right)
            )
        ]


async def explained(error: BaseException, client: Mapping[str, Any], rights: Sequence[Right]) -> BaseException:
    """The error itself; if Kafka refuses a right now, or us, then the one that says which, or why.

    Any error of Kafka's is looked into: aiokafka's producer says "unexpected error" for most that a refusal leads to.
    """
    if isinstance(error, KafkaError):
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await admit(client, rights)
        except RefusedError as refused:
            return refused
        except (KafkaError, OSError, TimeoutError):
            pass
    return error


async def _is_refused(kafka: AIOKafkaClient, right: Right) -> bool:
    if right.resource is Resource.GROUP and right.operation is Operation.DESCRIBE:
        reply = await kafka.send(kafka.get_random_node(), DescribeGroupsRequest([right.name]))
        ((error_code, *_),) = reply.groups
        return bool(error_code == GroupAuthorizationFailedError.errno)
    if right.resource is Resource.GROUP:
        reply = await kafka.send(kafka.get_random_node(), HeartbeatRequest(right.name, -1, ""))
        return bool(reply.error_code == GroupAuthorizationFailedError.errno)
    reply = await kafka.send(kafka.get_random_node(), EndTxnRequest(right.name, -1, -1, False))  # noqa: FBT003
    return bool(reply.error_code == TransactionalIdAuthorizationFailed.errno)
