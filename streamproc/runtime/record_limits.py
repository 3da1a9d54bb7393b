"""The largest record that each topic takes, as the cluster has it now.

Against a record that Kafka refuses: the transaction would fail, the worker start again, and make the same record again.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import BrokerResponseError

from streamproc.runtime.topic_configs import read_configs

log = logging.getLogger(__name__)

KAFKAS_DEFAULT = 1_048_588


async def read_limits(client: Mapping[str, Any], names: Iterable[str]) -> dict[str, int]:
    """`max.message.bytes` of each topic; Kafka's default where it will not say (no permission to describe configs)."""
    names = list(names)
    limits = dict.fromkeys(names, KAFKAS_DEFAULT)
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        configs = await read_configs(admin, names)
    except BrokerResponseError as error:
        log.warning("Kafka does not tell max.message.bytes (%s): %d is assumed", error, KAFKAS_DEFAULT)
        return limits
    finally:
        await admin.close()
    return limits | {name: int(held["max.message.bytes"]) for name, held in configs.items()}
