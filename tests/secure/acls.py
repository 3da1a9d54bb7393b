"""Giving and taking rights, which aiokafka 0.14 cannot; spoken by Kafka 2.0 and newer."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Schema, String

from streamproc.runtime.client.authorisation import missing_rights
from streamproc.runtime.client.rights import Resource, Right

ANY, ALLOW, LITERAL, PREFIXED = 1, 3, 3, 4
KINDS = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.TRANSACTIONAL_ID: 5}
VISIBLE_SECONDS = 20.0

Entry = tuple[int, str | None, int, str, str | None, int, int]


async def permit(
    admin: Mapping[str, Any], user: Mapping[str, Any], rights: Iterable[Right], but: Sequence[Right] = ()
) -> None:
    """Let a user do this, without `but`, and nothing else; returns once the broker sees it so.

    `admin` and `user` are aiokafka's connection arguments.
    """
    principal, wanted = f"User:{user['sasl_plain_username']}", [right for right in rights if right not in but]
    client = AIOKafkaAdminClient(**admin)
    try:
        await client.start()
        gone = await client._send_to_controller(_Delete([(ANY, None, ANY, principal, None, ANY, ANY)]))
        made = await client._send_to_controller(_Create([_entry(right, principal) for right in wanted]))
    finally:
        await client.close()
    assert {code for code, *_ in [*gone.results, *made.results]} == {0}, (gone, made)
    async with asyncio.timeout(VISIBLE_SECONDS):
        while not are_only(await missing_rights(user, [*wanted, *but]), but):  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.1)


def are_only(missing: Sequence[Right], but: Sequence[Right]) -> bool:
    """Whether these are missing, and of other resources none: without one right Kafka may hide a topic as a whole."""
    return set(but) <= set(missing) and {right.name for right in missing} == {right.name for right in but}


def _entry(right: Right, principal: str) -> Entry:
    pattern = PREFIXED if right.prefixed else LITERAL
    return (KINDS[right.resource], right.name, pattern, principal, "*", int(right.operation), ALLOW)


class _CreateResponseV1(Response):  # type: ignore[misc]  # aiokafka is untyped here
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", Array(("error_code", Int16), ("error_message", String("utf-8")))),
    )


ENTRY = Array(
    ("resource_type", Int8),
    ("resource_name", String("utf-8")),
    ("pattern_type", Int8),
    ("principal", String("utf-8")),
    ("host", String("utf-8")),
    ("operation", Int8),
    ("permission", Int8),
)
"""A right that is given; or what the rights have in common that are taken, None and `ANY` for whatever it is."""


class _CreateRequestV1(RequestStruct):  # type: ignore[misc]
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _CreateResponseV1
    SCHEMA = Schema(("creations", ENTRY))


class _Create(Request[_CreateRequestV1]):  # type: ignore[misc]
    API_KEY = 30

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_CreateRequestV1]) -> _CreateRequestV1:
        return request_struct_class(self._entries)


class _DeleteResponseV1(Response):  # type: ignore[misc]
    API_KEY = 31
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                (
                    "matching",
                    Array(
                        ("error_code", Int16),
                        ("error_message", String("utf-8")),
                        ("resource_type", Int8),
                        ("resource_name", String("utf-8")),
                        ("pattern_type", Int8),
                        ("principal", String("utf-8")),
                        ("host", String("utf-8")),
                        ("operation", Int8),
                        ("permission", Int8),
                    ),
                ),
            ),
        ),
    )


class _DeleteRequestV1(RequestStruct):  # type: ignore[misc]
    API_KEY = 31
    API_VERSION = 1
    RESPONSE_TYPE = _DeleteResponseV1
    SCHEMA = Schema(("filters", ENTRY))


class _Delete(Request[_DeleteRequestV1]):  # type: ignore[misc]
    API_KEY = 31

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_DeleteRequestV1]) -> _DeleteRequestV1:
        return request_struct_class(self._entries)
