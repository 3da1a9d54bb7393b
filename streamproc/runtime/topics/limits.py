"""The largest record that each topic takes, as the cluster has it now.

Against a record that Kafka refuses: the transaction would fail, the worker start again, and make the same record again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from streamproc.runtime.topics.configs import read_configs


async def read_limits(client: Mapping[str, Any], names: Iterable[str]) -> dict[str, int]:
    """`max.message.bytes` of each topic."""
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        configs = await read_configs(admin, names)
    finally:
        await admin.close()
    return {name: int(held["max.message.bytes"]) for name, held in configs.items()}
