"""Read and change single settings of topics.

aiokafka 0.14 has only AlterConfigs, which resets every setting that it is not told (a throttle that somebody set by
hand would be gone); so this file brings IncrementalAlterConfigs, spoken by Kafka 2.3 and newer.
"""

from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

SET = 0
"""The operation of IncrementalAlterConfigs that gives a setting a value."""


async def read_configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The settings in force of each topic, whether its own or the broker's defaults."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    configs: dict[str, dict[str, str]] = {}
    for reply in await admin.describe_configs(resources):
        for error_code, message, _type, name, entries in reply.resources:
            if error_code:
                raise for_code(error_code)(f"Kafka does not tell the settings of {name}: {message}")
            configs[name] = {entry[0]: entry[1] for entry in entries if entry[1] is not None}
    return configs


async def change_configs(admin: AIOKafkaAdminClient, changes: Mapping[str, Mapping[str, str]]) -> dict[str, KafkaError]:
    """Set these settings of these topics and leave all others; returns what Kafka refused, by topic."""
    reply = await admin._send_to_controller(_AlterRequest(changes))  # noqa: SLF001  the door of its own calls
    return {name: for_code(code)(message) for code, message, _type, name in reply.responses if code}


class _AlterResponseV0(Response):  # type: ignore[misc]  # aiokafka is untyped here
    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _AlterRequestV0(RequestStruct):  # type: ignore[misc]
    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = _AlterResponseV0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                ("configs", Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8")))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _AlterRequest(Request[_AlterRequestV0]):  # type: ignore[misc]
    API_KEY = 44

    def __init__(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        self._changes = changes

    def build(self, request_struct_class: type[_AlterRequestV0]) -> _AlterRequestV0:
        resources = [
            (ConfigResourceType.TOPIC, topic, [(name, SET, value) for name, value in configs.items()])
            for topic, configs in self._changes.items()
        ]
        return request_struct_class(resources, False)  # noqa: FBT003
