"""Each stage works with its least rights, and without any one of them it ends and says which it is."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from streamproc.cli.workers import worker_settings
from streamproc.events.topics import FACTS_TOPIC, KPIS_TOPIC, LOG_TOPIC, MODELS_TOPIC, OFFERS_TOPIC, TRAINING_TOPIC
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.runtime.client.authorisation import NotAuthorisedError, admit
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation, Resource, Right, topic_rights
from streamproc.runtime.client.send import Destination, Pacing, send
from streamproc.runtime.exits import Exit
from streamproc.runtime.telemetry.observer import Silent
from streamproc.runtime.worker.layout import looking_rights
from streamproc.settings.stages import MAKERS, STAGES
from tests.real_orders import RealOrders
from tests.runtime.worker_process import PrintingProcess, until
from tests.secure.acls import are_only, permit
from tests.secure.secure_kafka import NOBODY, PASSWORD, SecureKafka
from tests.secure.shop import SecureShop
from tests.system.test_live_is_replay import quick_answers, two_weeks

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]


@pytest.fixture
def shop(secure_kafka: SecureKafka, tmp_path: Path) -> SecureShop:
    return SecureShop(secure_kafka, tmp_path)


def end(worker: PrintingProcess) -> None:
    if worker.process.poll() is None:
        worker.kill()


@contextmanager
def at_work(shop: SecureShop, *stages: str) -> Iterator[dict[str, PrintingProcess]]:
    """Workers that have taken all their partitions over; whatever still runs is killed afterwards."""
    with ExitStack() as stack:
        workers = {stage: shop.worker(stage) for stage in stages}
        for worker in workers.values():
            stack.callback(end, worker)
        for worker in workers.values():
            until(lambda one=worker: "took over" in one.text, worker)  # type: ignore[misc]
        yield workers


def test_all_stages_with_users_of_their_own_work_the_whole_way(
    secure_kafka: SecureKafka, real_orders: RealOrders, tmp_path: Path
) -> None:
    shop = SecureShop(secure_kafka, tmp_path, quick_answers(tmp_path))
    for stage in STAGES:
        shop.permit(stage)
    records = two_weeks(real_orders, tmp_path)
    with at_work(shop, *STAGES) as workers:
        asyncio.run(send_all(shop, records))
        for topic in (OFFERS_TOPIC, MODELS_TOPIC, KPIS_TOPIC):
            until(lambda name=topic: asyncio.run(has_records(shop, name)), *workers.values())  # type: ignore[misc]
        assert {stage: worker.terminate() for stage, worker in workers.items()} == dict.fromkeys(STAGES, 0)


async def send_all(shop: SecureShop, records: list[DumpedRecord]) -> None:
    destination = Destination(shop.kafka.admin, shop.configuration.app.collect.topics)
    await send(records, destination, Pacing(close_after=timedelta(days=9)), lambda *_: None)


async def has_records(shop: SecureShop, topic: str) -> bool:
    async for _ in read_to_end(shop.kafka.admin, topic):
        return True
    return False


def one_click() -> list[DumpedRecord]:
    value = {"type": "page_view"}
    return [DumpedRecord("shop.clickstream.v1", None, 1_300_000_000_000, orjson.dumps(value))]


@pytest.mark.parametrize("stage", STAGES)
def test_without_any_one_of_its_rights_a_stage_does_not_begin_and_says_which_it_is(
    shop: SecureShop, stage: str
) -> None:
    for right in shop.rights(stage):
        shop.permit(stage, but=[right])
        with pytest.raises(NotAuthorisedError) as refused:
            asyncio.run(admit(shop.client(stage), shop.rights(stage)))
        assert are_only(refused.value.rights, [right])
    worker = shop.worker(stage)
    assert worker.wait() == Exit.NOT_AUTHORISED
    assert f"{stage}: {Exit.NOT_AUTHORISED.meaning}: {right} -> {Exit.NOT_AUTHORISED.remedy}" in worker.text


def test_a_worker_without_any_right_names_all_that_are_missing(shop: SecureShop) -> None:
    shop.permit("measure", but=shop.rights("measure"))
    worker = shop.worker("measure")
    assert worker.wait() == Exit.NOT_AUTHORISED
    assert ", ".join(map(str, shop.rights("measure"))) in worker.text
    assert "Traceback" not in worker.text


@pytest.mark.parametrize(
    "right",
    [
        Right(Operation.WRITE, Resource.TOPIC, LOG_TOPIC),
        Right(Operation.READ, Resource.TOPIC, "shop.purchase.v1"),
        Right(Operation.READ, Resource.GROUP, "streamproc-collect"),
        Right(Operation.WRITE, Resource.TRANSACTIONAL_ID, "streamproc-collect-", prefixed=True),
    ],
    ids=str,
)
def test_a_right_that_is_taken_away_while_a_worker_works_is_named_at_its_end(shop: SecureShop, right: Right) -> None:
    shop.permit("collect")
    with at_work(shop, "collect") as workers:
        shop.permit("collect", but=[right])
        asyncio.run(send_all(shop, one_click()))
        assert workers["collect"].wait() == Exit.NOT_AUTHORISED, workers["collect"].text
        assert str(right) in workers["collect"].text


def test_a_password_that_is_changed_while_a_worker_works_ends_it(shop: SecureShop) -> None:
    shop.permit("learn")
    with at_work(shop, "learn") as workers:
        shop.kafka.set_password("learn", "another")
        try:
            assert workers["learn"].wait() == Exit.NOT_AUTHENTICATED
        finally:
            shop.kafka.set_password("learn", PASSWORD)


@pytest.mark.parametrize(
    ("command", "right"),
    [
        (["topics", "list"], f"Describe on topic {LOG_TOPIC}"),
        (["topics", "plan"], f"DescribeConfigs on topic {LOG_TOPIC}"),
        (["dump", LOG_TOPIC, "--out", "out.jsonl"], f"Read on topic {LOG_TOPIC}"),
        (["tail", "offers", "--from-start", "--no-follow"], f"Read on topic {OFFERS_TOPIC}"),
        (["customer", "c-1"], "Read on topic streamproc.decide-state.v1"),
        (["send", "events.jsonl"], "Write on topic shop.purchase.v1"),
        (["repair", "show", "decide"], "Describe on group streamproc-decide"),
        (["repair", "drop-state", "decide", LOG_TOPIC], f"Write on topic {LOG_TOPIC}"),
        (["dlq", "replay", "shop.email.v1"], "Read on topic shop.email.v1.dlq"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_a_command_without_a_right_says_which(
    shop: SecureShop, command: list[str], right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.folder)
    Path("events.jsonl").touch()
    told = shop.command(NOBODY, *command)
    assert told.exit_code == Exit.NOT_AUTHORISED
    assert told.stderr.startswith(f"{Exit.NOT_AUTHORISED.meaning}: ")
    assert right in told.stderr
    assert told.stderr.endswith(f"-> {Exit.NOT_AUTHORISED.remedy}\n")


@pytest.mark.parametrize("stage", STAGES)
def test_whoever_may_only_look_sees_how_a_stage_is_and_repairs_nothing(shop: SecureShop, stage: str) -> None:
    looking = looking_rights(MAKERS[stage](shop.configuration), worker_settings(shop.configuration, Silent()))
    assert {right.operation for right in looking} <= {Operation.READ, Operation.DESCRIBE}
    asyncio.run(permit(shop.kafka.admin, shop.client(NOBODY), looking))
    told = shop.command(NOBODY, "repair", "show", stage)
    assert told.exit_code == 0, told.output
    assert f"0 worker(s) in the group streamproc-{stage}" in told.output
    assert shop.command(NOBODY, "repair", "move", stage, source_of(stage), "--to", "latest").exit_code == (
        Exit.NOT_AUTHORISED
    )


def source_of(stage: str) -> str:
    return {"collect": "shop.email.v1", "decide": LOG_TOPIC, "learn": TRAINING_TOPIC, "measure": FACTS_TOPIC}[stage]


def test_topics_that_may_not_be_made_are_named(shop: SecureShop, tmp_path: Path) -> None:
    names = [shop.configuration.catalogue.on_cluster(topic.name) for topic in shop.configuration.catalogue]
    rights = [*topic_rights(Operation.DESCRIBE, [f"new.{name}" for name in names])]
    asyncio.run(permit(shop.kafka.admin, shop.client(NOBODY), rights))
    told = shop.command(NOBODY, "topics", "apply", "--yes", prefix="new.")
    assert told.exit_code == Exit.NOT_AUTHORISED
    assert f"Create on topic new.{LOG_TOPIC}" in told.stderr
