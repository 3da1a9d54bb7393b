"""What other producers write, and what nobody should, in the live system: collect goes on, each good event once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streamproc.runtime.batches.care import UNPACKED_BYTES
from streamproc.runtime.topics import admin as topics
from streamproc.runtime.topics.configs import change_configs
from tests.runtime.batches.encoding import CODECS, Row, batch
from tests.runtime.batches.producing import produce
from tests.system.living_system import LivingSystem
from tests.system.test_abandoned_cart import TRIGGERS, consented, count, happened
from tests.system.test_dead_letters import RAW, header, page, records

pytestmark = pytest.mark.kafka


def test_what_cannot_be_read_becomes_a_dead_letter_with_its_place_and_collect_goes_on(
    kafka: Any, tmp_path: Path
) -> None:
    asyncio.run(what_cannot_be_read(kafka, tmp_path))


async def what_cannot_be_read(kafka: Any, tmp_path: Path) -> None:
    def good(number: int) -> Row:
        return Row(page(customer_id=f"c{number}", event_id=f"e{number}"))

    named = Row(page(), headers=[(b"\xff\xfe", b"x")])
    bomb = batch([Row(bytes(UNPACKED_BYTES + 1))], codec="gzip")
    async with LivingSystem(kafka.bootstrap, tmp_path) as system:
        raw = system.prefix + RAW
        await produce(
            kafka.bootstrap, raw, batch([good(1), named, good(2)]), bomb, batch([good(3), named], codec="zstd")
        )
        await produce(kafka.bootstrap, raw, *(batch([good(4)], codec=codec) for codec in CODECS))
        logged = await records(system, "shop.customer-events.v1", 3 + len(CODECS))
        dead = await records(system, f"{RAW}.dlq", 3)
        assert sorted(r.key for r in logged if r.key) == [b"c/c1", b"c/c2", b"c/c3", *[b"c/c4"] * len(CODECS)]
        assert {header(r, "dlq-reason") for r in dead} == {"unreadable_record"}
        assert [header(r, "dlq-offset") for r in dead] == ["1", "3", "5"]
        assert header(dead[1], "dlq-detail") == f"more than {UNPACKED_BYTES} bytes when unpacked"
        assert (dead[0].key, dead[0].value, header(dead[0], "\\xff\\xfe")) == (b"key", named.value, "x")
        assert system.child("collect").failures == 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_all_stages_read_what_brokers_compress(kafka: Any, tmp_path: Path, codec: str) -> None:
    asyncio.run(all_stages_read_what_brokers_compress(kafka, tmp_path, codec))


async def all_stages_read_what_brokers_compress(kafka: Any, tmp_path: Path, codec: str) -> None:
    """A topic's `compression.type` makes the broker compress what others wrote; changelogs too."""
    system = LivingSystem(kafka.bootstrap, tmp_path)
    await topics.apply(system.client, await topics.plan(system.client, system.configuration.catalogue))
    await compress(system, codec)
    async with system:
        await system.send([consented("anna"), happened("anna", "cart_added", 1, sku="mug")])
        await system.until("streamproc.facts.v1", count(1))
        for stage in ("decide", "measure", "learn"):
            system.kill(stage)
        await system.send([happened("cleo", "page_viewed", 2000), happened("dora", "page_viewed", 2001)])
        seen = await system.until(TRIGGERS, count(1))
        assert [t["customer_id"] for t in seen] == ["anna"]
        await system.until("marketing.kpis.v1", lambda kpis: any(k["window"] == "day" for k in kpis))


async def compress(system: LivingSystem, codec: str) -> None:
    admin = AIOKafkaAdminClient(**system.client)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(system.prefix)]
        assert not await change_configs(admin, {name: {"compression.type": codec} for name in names})
    finally:
        await admin.close()
