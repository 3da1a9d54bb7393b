"""What a replay of the dumped customer log says is what the live system said, record by record, state by state."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from streamproc.events.topics import (
    FACTS_TOPIC,
    FORECASTS_TOPIC,
    JOURNEYS_TOPIC,
    KPIS_TOPIC,
    LOG_TOPIC,
    OFFERS_TOPIC,
    PARTIALS_TOPIC,
    SCORES_TOPIC,
    SEGMENTS_TOPIC,
    SUPPRESSIONS_TOPIC,
    TRAINING_TOPIC,
    trigger_topic,
)
from streamproc.offline.dumps.files import merge_dumps
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.price_changes import write_price_changes
from streamproc.offline.replay.output import read_outputs
from streamproc.offline.replay.states import all_states
from streamproc.offline.synthetic.synthesize import synthesize
from streamproc.runtime.client.ranges import find_stretches, read_stretches
from streamproc.runtime.client.reading import read_to_end
from tests.real_orders import RealOrders
from tests.runtime.log_reading import committed_offsets
from tests.system.living_system import CHECKOUT, LivingSystem, StartedFromNothing

Row = tuple[bytes | None, Any, tuple[tuple[str, bytes], ...]]
SOURCES = {LOG_TOPIC: "decide", TRAINING_TOPIC: "learn", FACTS_TOPIC: "measure", PARTIALS_TOPIC: "measure"}
LAST_DAY = date(2010, 12, 14)
CLOSED_MS = 1_293_000_000_000
"""2010-12-22: a week after the last event, a day before the time that its sender closes with."""


FOR_YOU = """
[[offer]]
id = "for_you"
content = "For you"
expected_reward = 0.4
cool_down_days = 0
rank = "for_you"
"""


CHEAPER = """
[[trigger]]
name = "cheaper"
kind = "price_drop"
percent = 1
cap_class = "transactional"
"""
"""Most who look at products are visitors, of whom nobody has asked for a consent."""


JOURNEY = """
[[journey]]
name = "cart_again"
start = "abandoned_cart"
exits = ["order_placed"]
max_days = 3
step = [
  { kind = "wait", hours = 2 },
  { name = "opened", kind = "condition", where = [{ feature = "message_opened", equals = 1 }], then = "end" },
  { name = "mail", kind = "message", content = "cart-still-there", defer = true },
]
"""


def quick_answers(folder: Path) -> Path:
    """The shop's configuration with all predictions, an offer of ranked products, a price trigger, and a journey.

    Answers are known after three days and models released often.
    """
    config = folder / "config"
    config.mkdir(parents=True)
    for path in (CHECKOUT / "config").glob("*.toml"):
        text = path.read_text()
        if path.name == "models.toml":
            text = re.sub(r"^#(?=\[|\w+ =)", "", text, flags=re.MULTILINE)
            text = re.sub(r"^(kind = .*)$", r"\1\nrelease_every = 100", text, flags=re.MULTILINE)
        if path.name == "offers.toml":
            text += FOR_YOU
        if path.name == "triggers.toml":
            text += CHEAPER
        if path.name == "policy.toml":
            text = re.sub(r"^percent = 0$", "percent = 15", text, flags=re.MULTILINE)
        for name, value in {"horizon_days": 3, "lateness_hours": 1, "release_every": 100}.items():
            text = "\n".join(f"{name} = {value}" if line.startswith(name) else line for line in text.splitlines())
        text = text.replace('kind = "uplift"\nrelease_every = 100', 'kind = "uplift"\nrelease_every = 10')
        (config / path.name).write_text(text)
    (config / "journeys.toml").write_text(JOURNEY)
    return config


def two_weeks(real_orders: RealOrders, folder: Path) -> list[DumpedRecord]:
    real, made_up, prices = folder / "real.jsonl", folder / "made-up.jsonl", folder / "prices.jsonl"
    real_orders.of_days(real, last_day=LAST_DAY)
    synthesize(real, made_up, 1, lambda _: None)
    write_price_changes([real], prices, lambda _: None)
    return list(merge_dumps([real, made_up, prices]))


@pytest.mark.kafka
def test_a_replay_of_the_dumped_log_says_what_the_live_system_said_with_decide_killed_in_the_middle(
    kafka: Any, real_orders: RealOrders, tmp_path: Path
) -> None:
    records = two_weeks(real_orders, tmp_path)
    asyncio.run(a_replay_says_what_the_live_system_said(kafka, records, tmp_path))


async def a_replay_says_what_the_live_system_said(kafka: Any, records: list[DumpedRecord], folder: Path) -> None:
    half = len(records) // 2
    log, out = folder / "log.parquet", folder / "out"
    async with StartedFromNothing(kafka.bootstrap, folder / "data", quick_answers(folder)) as system:
        await system.send(records[:half])
        await system.until("streamproc.models.v1", lambda cards: len(cards) > 1)
        await system.send(records[half : half + 500])
        system.kill("decide")
        await system.send(records[half + 500 :], timedelta(days=9))
        await settled(system, kafka.bootstrap)
        await system.run("dump", LOG_TOPIC, "--out", str(log))
        await system.run("replay", str(log), "--out", str(out), "--jobs", "2")
        triggers = list(map(trigger_topic, system.configuration.plan.senders))
        said = (
            OFFERS_TOPIC,
            SCORES_TOPIC,
            FORECASTS_TOPIC,
            SEGMENTS_TOPIC,
            JOURNEYS_TOPIC,
            trigger_topic("cart_again"),
        )
        topics = [*dict.fromkeys([*triggers, *said]), SUPPRESSIONS_TOPIC, FACTS_TOPIC]
        live = {topic: await read(system, topic) for topic in topics}
        assert {topic: in_partitions(read_outputs(out / f"{topic}.jsonl", topic)) for topic in topics} == live
        assert all(live[topic] for topic in (triggers[0], trigger_topic("cheaper"), *said))
        offered = [value for rows in live[OFFERS_TOPIC].values() for _, value, _ in rows]
        assert sum(b'"products":[{"sku"' in value for value in offered) > 10
        await shared_topics_are_equal(system, out)
        await both_arms_were_asked(system)
        await states_are_equal(system, out)
        await raw_topics_count_alike(system, folder)


async def shared_topics_are_equal(system: LivingSystem, out: Path) -> None:
    """Topics with one partition hold what several wrote, each in its own order; of KPIs the newest counts."""
    for topic, whose in ((PARTIALS_TOPIC, by_partition), (TRAINING_TOPIC, by_partition), (KPIS_TOPIC, by_key)):
        live = sorted_out((await read(system, topic))[0], whose)
        assert sorted_out(in_partitions(read_outputs(out / f"{topic}.jsonl", topic))[0], whose) == live


async def both_arms_were_asked(system: LivingSystem) -> None:
    """What a trigger changes was asked of who got it and of who was held out."""
    told = [orjson.loads(value) for _, value, _ in (await read(system, TRAINING_TOPIC))[0]]
    assert {each["held_out"] for each in told if each.get("model") == "persuadable"} == {True, False}


async def raw_topics_count_alike(system: LivingSystem, folder: Path) -> None:
    """What depends on neither the moment of marks and releases nor the order between topics: a day's orders, views."""
    dump, out = folder / "raw.jsonl.gz", folder / "raw-out"
    await system.run("dump", *system.configuration.app.collect.topics, "--out", str(dump))
    await system.run("replay", str(dump), "--out", str(out))
    live, replayed = (
        {key: values for key, values in sorted_out(rows[0], by_key).items() if is_counted(key)}
        for rows in (
            await read(system, KPIS_TOPIC),
            in_partitions(read_outputs(out / f"{KPIS_TOPIC}.jsonl", KPIS_TOPIC)),
        )
    )
    assert len(live) > 30
    assert replayed == live


def is_counted(key: object) -> bool:
    """Later days, with timers only, exist as soon as one trigger does, and that can depend on the model's version."""
    kpi, window, start, _ = key.decode().split("|") if isinstance(key, bytes) else [""] * 4
    is_of_events = kpi in ("orders", "customers", "revenue", "page_views") and window == "day"
    return is_of_events and start[:10] <= LAST_DAY.isoformat()


async def states_are_equal(system: LivingSystem, out: Path) -> None:
    replayed: dict[Any, Any] = {}
    for topic, partition, key, value in all_states(out / "state.jsonl"):
        replayed[topic, partition, key] = value
    for topic in ("streamproc.decide-state.v1", "streamproc.measure-state.v1"):
        live: dict[Any, Any] = {}
        async for record in read_to_end(system.client, system.prefix + topic):
            if record.key is not None and not record.key.startswith(b"\0"):
                live[topic, record.partition, record.key] = record.value
        assert len(live) > 10
        assert {place: state for place, state in replayed.items() if place[0] == topic} == {
            place: state for place, state in live.items() if state is not None
        }


def in_partitions(records: Iterable[Any]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for record in records:
        found[record.partition].append((record.key, record.value, tuple(record.headers)))
    return dict(found)


async def read(system: LivingSystem, topic: str) -> dict[int, list[Row]]:
    return in_partitions([record async for record in read_to_end(system.client, system.prefix + topic)])


def by_partition(message: dict[str, Any], key: bytes | None) -> object:
    """Progress and partial sums say whose they are; an example stands alone."""
    return message.get("partition", message.get("subject"))


def by_key(message: dict[str, Any], key: bytes | None) -> object:
    for name in ("revision", "end"):  # depend on which partition was faster
        message.pop(name)
    return key


def sorted_out(rows: list[Row], whose: Callable[[dict[str, Any], bytes | None], object]) -> dict[object, list[Any]]:
    found: dict[object, list[Any]] = defaultdict(list)
    for key, value, _ in rows:
        message = orjson.loads(value)
        name = whose(message, key)
        found[name] = [message] if whose is by_key else [*found[name], message]
    return found


def every_partition_is_closed(facts: list[dict[str, Any]]) -> bool:
    """Event time has come to where the sender closed it, nine days after the last event, in each log partition."""
    through = {fact["partition"]: fact["through_ms"] for fact in facts if fact["type"] == "progress"}
    return len(through) == 4 and min(through.values()) > CLOSED_MS


async def settled(system: LivingSystem, bootstrap: str) -> None:
    """Wait until every stage has committed the last record of what it reads."""

    async def last_records(topic: str) -> dict[int, int]:
        stretches = await find_stretches(system.client, [system.prefix + topic], None, None)
        tails = [replace(each, begin=max(each.begin, each.end - 300)) for each in stretches]
        return {record.partition: record.offset async for record in read_stretches(system.client, tails)}

    async def is_settled() -> bool:
        for topic, stage in SOURCES.items():
            committed = await committed_offsets(bootstrap, f"{system.prefix}streamproc-{stage}")
            for partition, offset in (await last_records(topic)).items():
                if committed.get((system.prefix + topic, partition), 0) <= offset:
                    return False
        return True

    async with asyncio.timeout(300):
        await system.until(FACTS_TOPIC, every_partition_is_closed)
        while not (await is_settled() and await is_settled()):  # noqa: ASYNC110  Kafka tells nobody
            await asyncio.sleep(0.5)
