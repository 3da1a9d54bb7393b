"""A dead letter is listed, shown, mended and sent again: once, whatever happens in between."""

import asyncio
import time
import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.events.received import received_ms
from streamproc.events.rejected import MEANINGS, Reason, Rejected
from streamproc.offline.dumps.files import read_dump
from streamproc.processor.api import Record
from streamproc.processor.headers import dead_letter
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.client.dead_letters import Again, read_letters, sender
from streamproc.runtime.client.reading import read_to_end

TOPIC, AT_MS = "shop.clickstream.v1", 1_767_225_600_000


def page(**changes: object) -> bytes:
    event = {"event_id": "e", "type": "page_viewed", "occurred_at": "2026-01-01T00:00:00Z", "customer_id": "ada"}
    return orjson.dumps(event | changes)


BAD = [page(customer_id=7), page(customer_id="a\x1b[2Jb"), b"not json", page(event_id="good")]
REASONS = [Reason.WRONG_VALUE, Reason.WRONG_VALUE, Reason.NOT_JSON, Reason.WRONG_TOPIC]


class Desk:
    """The commands, against topics of their own that have four dead letters."""

    def __init__(self, bootstrap: str) -> None:
        self.client, self.prefix = {"bootstrap_servers": bootstrap}, f"d{uuid.uuid4().hex[:8]}."
        self._environ = {"STREAMPROC_KAFKA__BOOTSTRAP": bootstrap, "STREAMPROC_KAFKA__PREFIX": self.prefix}
        assert self.run("topics", "apply", "--yes").exit_code == 0
        asyncio.run(self._reject())

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, env=self._environ)

    async def _reject(self) -> None:
        async with AIOKafkaProducer(**self.client) as producer:
            for offset, (value, reason) in enumerate(zip(BAD, REASONS, strict=True)):
                record = Unreadable(TOPIC, 0, offset, offset, AT_MS, b"k", value, [("trace", b"7")], "")
                letter = dead_letter(Rejected(reason, "because"), TOPIC, record, "collect")
                await producer.send_and_wait(
                    f"{self.prefix}{TOPIC}.dlq", letter.value, letter.key, partition=0, headers=list(letter.headers)
                )

    def sent(self, at_least: int = 1) -> list[Record]:
        """What was sent; a transaction's end reaches its partitions a little after it was acknowledged."""

        async def read() -> list[Record]:
            return [record async for record in read_to_end(self.client, self.prefix + TOPIC)]

        deadline = time.monotonic() + 30
        while len(found := asyncio.run(read())) < at_least and time.monotonic() < deadline:
            pass
        return found


def test_every_reason_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Reason)


@pytest.mark.kafka
def test_letters_are_listed_shown_mended_and_sent_again_once(kafka: Any, tmp_path: Path) -> None:
    desk, bad = Desk(kafka.bootstrap), tmp_path / "bad.jsonl"
    listed = desk.run("dlq", "list")
    assert listed.exit_code == 0, listed.output
    for reason in set(REASONS):
        assert reason in listed.output
    shown = desk.run("dlq", "show", TOPIC, "--at", "0:1")
    assert "\x1b" not in shown.output
    assert MEANINGS[Reason.WRONG_VALUE] in shown.output
    assert desk.run("dlq", "replay", TOPIC, "--reason", "not_json", "--yes").exit_code == 2
    assert desk.run("dlq", "show", TOPIC, "--reason", "wrong_value", "--out", str(bad)).exit_code == 0
    letters = list(read_dump(bad))
    assert [letter.value for letter in letters] == BAD[:2]
    bad.write_text(bad.read_text().replace('"customer_id":7', '"customer_id":"seven"'))
    for expected in (0, 2):
        done = desk.run("dlq", "replay", TOPIC, "--file", str(bad), "--yes")
        assert done.exit_code == expected, done.output
    assert desk.run("dlq", "replay", TOPIC, "--yes").exit_code == 0
    assert [orjson.loads(record.value or b"")["customer_id"] for record in desk.sent(2)] == ["seven", "ada"]
    assert [received_ms(record.timestamp, record.headers) for record in desk.sent(2)] == [AT_MS] * 2
    assert [dict(record.headers)["trace"] for record in desk.sent(2)] == [b"7"] * 2


@pytest.mark.kafka
def test_who_was_killed_in_the_middle_has_sent_nothing_and_who_comes_next_sends_it(kafka: Any) -> None:
    desk = Desk(kafka.bootstrap)

    async def half() -> None:
        letters, _ = await read_letters(desk.client, desk.prefix, TOPIC)
        killed = AIOKafkaProducer(**desk.client, transactional_id=f"{desk.prefix}streamproc-dlq-{TOPIC}")
        await killed.start()
        await killed.begin_transaction()
        await killed.send_and_wait(desk.prefix + TOPIC, letters[3].value, b"k")
        async with sender(desk.client, desk.prefix, TOPIC) as sending:
            await sending.send([Again(letters[3], b"k", letters[3].value)])
        await killed.client.close()
        killed._closed = True
        killed._sender._sender_task.cancel()

    asyncio.run(half())
    assert len(desk.sent()) == 1
    assert desk.run("dlq", "replay", TOPIC, "--at", "0:3", "--yes").exit_code == 2
    assert len(desk.sent()) == 1
