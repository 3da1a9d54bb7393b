"""Each kind of trigger and each reason of the policy on the live system, decide killed between: as the replay says."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from streamproc.decide.policy import Holdout
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, SEGMENTS_TOPIC, SUPPRESSIONS_TOPIC, trigger_topic
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.output import read_outputs
from tests.system import test_abandoned_cart
from tests.system.living_system import CHECKOUT, LivingSystem
from tests.system.test_live_is_replay import in_partitions, read, settled, states_are_equal

TRIGGERS = """
[[trigger]]
name = "hello"
kind = "event"
on = ["searched"]
where = [{ trait = "role", one_of = ["hello", "refused", "bounced", "listed", "held", "cooling", "capped", "stale"] }]
channels = ["email"]
cool_down_hours = 1

[[trigger]]
name = "once"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "once" }]
once = true
cool_down_hours = 0
campaign = "spring"

[[trigger]]
name = "once_more"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "once" }]
priority = 20
cool_down_hours = 0
campaign = "spring"

[[trigger]]
name = "for_others"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "other" }]
eligible = [{ trait = "role", equals = "nobody" }]

[[trigger]]
name = "cart"
kind = "absence"
correlate = "cart"
delay_minutes = 60
where = [{ trait = "role", one_of = ["cart", "late"] }]
expires_hours = 200

[[trigger]]
name = "night_cart"
kind = "absence"
correlate = "cart"
delay_minutes = 60
where = [{ trait = "role", equals = "night_cart" }]
channels = ["push"]

[[trigger]]
name = "unopened"
kind = "absence"
correlate = "message"
after = ["delivered"]
unless = ["opened"]
delay_minutes = 60
where = [{ trait = "role", equals = "unopened" }]

[[trigger]]
name = "keen"
kind = "threshold"
feature = "views_24h"
above = 3
where = [{ trait = "role", equals = "keen" }]

[[trigger]]
name = "loyal_now"
kind = "segment"
segment = "twice"
where = [{ trait = "role", equals = "loyal" }]

[[trigger]]
name = "second"
kind = "milestone"
orders = 2
where = [{ trait = "role", equals = "second" }]

[[trigger]]
name = "send_offer"
kind = "offer"
where = [{ trait = "role", equals = "offered" }]

[[trigger]]
name = "night"
kind = "event"
on = ["searched"]
where = [{ trait = "role", one_of = ["night", "short"] }]
channels = ["push"]

[[trigger]]
name = "short"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "short" }]
channels = ["push"]
expires_hours = 1

[[trigger]]
name = "high"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "rivals" }]
priority = 90

[[trigger]]
name = "low"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "rivals" }]
priority = 10

[[trigger]]
name = "receipt"
kind = "event"
on = ["order_placed"]
where = [{ trait = "role", equals = "receipt" }]
cap_class = "transactional"
"""
POLICY = """
suppression_list = [{ trait = "do_not_contact", equals = true }]
[[cap]]
name = "three_a_day"
limit = 3
per = "day"
[quiet_hours]
begin = "20:00"
end = "08:00"
channels = ["push"]
[holdout]
percent = 15
salt = "live"
[arbitration]
window_minutes = 5
"""
SEGMENTS = """
[[segment]]
name = "twice"
where = [{ feature = "orders_28d", at_least = 2 }]
"""
HOLDOUT = Holdout(percent=15, salt="live")
EVENING = 9 * 60
DAYS_LATER_MS, CLOSED_MS = 1_772_700_000_000, 1_774_000_000_000
"""5 March and 20 March 2026; the story is of the first."""
REASONS = {
    "no_consent", "hard_bounce", "on_suppression_list", "held_out", "not_eligible", "cool_down", "only_once", "capped",
    "quiet_hours", "collecting", "outranked", "campaign_sent", "over", "expired", "stale",
}  # fmt: skip
SENT = {
    "hello", "once", "cart", "unopened", "keen", "loyal_now", "second", "send_offer", "night", "high", "receipt",
}  # fmt: skip


FAMILY = {"searched": "clickstream", "delivered": "email", "bounced": "email"}


def happened(who: str, kind: str, minutes: float, **fields: Any) -> DumpedRecord:
    record = test_abandoned_cart.happened(who, kind, minutes, **fields)
    return replace(record, topic=f"shop.{FAMILY[kind]}.v1") if kind in FAMILY else record


def name_of(role: str, *, held_out: bool = False) -> str:
    """A customer who is in the control group, or is not."""
    return next(f"{role}-{n}" for n in range(999) if HOLDOUT.has(f"c/{role}-{n}") == held_out)


def person(role: str, **traits: Any) -> list[DumpedRecord]:
    """Somebody who allows e-mail and push."""
    who = name_of(role, held_out=role == "held")
    said = happened(who, "identified", 0, traits={"role": role, **traits})
    return [said, happened(who, "consent_changed", 0, channel="email", granted=role != "refused"),
            happened(who, "consent_changed", 0.1, channel="push", granted=role != "refused")]  # fmt: skip


def searched(role: str, *minutes: float) -> list[DumpedRecord]:
    who = name_of(role, held_out=role == "held")
    return [happened(who, "searched", each, query="lamp") for each in minutes]


def ordered(role: str, minutes: float, number: int = 0) -> DumpedRecord:
    line = {"sku": "mug", "quantity": 1, "unit_price": 5_000_000}
    return happened(name_of(role), "order_placed", minutes, order_id=f"o-{role}-{number}", currency="GBP", lines=[line])


def told(role: str, kind: str, minutes: float, **fields: Any) -> DumpedRecord:
    return happened(name_of(role), kind, minutes, **fields)


def people() -> list[DumpedRecord]:
    """Everybody who is in the story."""
    roles = ["hello", "refused", "bounced", "held", "cooling", "capped", "stale", "once", "other", "cart", "late",
             "night_cart", "unopened", "keen", "loyal", "second", "offered", "night", "short", "rivals",
             "receipt"]  # fmt: skip
    return [record for role in roles for record in person(role)] + person("listed", do_not_contact=True)


def first_half() -> list[DumpedRecord]:
    """What they do in the first hours."""
    records: list[DumpedRecord] = []
    for role in ("hello", "refused", "listed", "held", "once", "other", "rivals"):
        records += searched(role, 10)
    records += [told("bounced", "bounced", 5, message_id="b"), *searched("bounced", 10)]
    records += searched("cooling", 10, 40)
    records += searched("once", 60)
    records += searched("capped", *(10 + 90 * n for n in range(4)))
    records += [told(role, "cart_added", 10, sku="mug", cart_id=f"cart-{role}") for role in ("cart", "late")]
    records += [told("unopened", "delivered", 10, message_id="mail")]
    records += [told("keen", "page_viewed", 10 + n) for n in range(3)]
    records += [ordered(role, 10 + n, n) for role in ("loyal", "second") for n in range(2)]
    return [*records, ordered("offered", 10), ordered("receipt", 10)]


def second_half() -> list[DumpedRecord]:
    """The evening: what waits for the morning."""
    cart = told("night_cart", "cart_added", EVENING, sku="mug", cart_id="cart-night")
    return [*searched("night", EVENING), *searched("short", EVENING), cart]


def in_time(records: list[DumpedRecord]) -> list[DumpedRecord]:
    return sorted(records, key=lambda record: record.timestamp)


@pytest.mark.kafka
def test_each_kind_of_trigger_and_each_reason_is_seen_live_and_as_the_replay_says(kafka: Any, tmp_path: Path) -> None:
    asyncio.run(each_kind_and_each_reason(kafka, tmp_path))


def with_all_kinds(folder: Path) -> Path:
    """The shipped configuration with these triggers, this policy, and no models."""
    config = folder / "config"
    shutil.copytree(CHECKOUT / "config", config)
    for name, text in (("triggers", TRIGGERS), ("policy", POLICY), ("segments", SEGMENTS)):
        (config / f"{name}.toml").write_text(text)
    return config


def is_complete(until_ms: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether event time has come to here in each partition of the log."""

    def has_come(facts: list[dict[str, Any]]) -> bool:
        through = {fact["partition"]: fact["through_ms"] for fact in facts if fact["type"] == "progress"}
        return len(through) == 4 and min(through.values()) > until_ms

    return has_come


async def each_kind_and_each_reason(kafka: Any, folder: Path) -> None:
    log, out = folder / "log.parquet", folder / "out"
    async with LivingSystem(kafka.bootstrap, folder / "data", with_all_kinds(folder)) as system:
        known = in_time(people())
        await system.send(known)
        await system.until(LOG_TOPIC, lambda seen: sum("event_id" in r.get("event", ()) for r in seen) == len(known))
        await system.send(in_time(first_half()), timedelta(hours=3))
        await system.until(trigger_topic("cart"), lambda seen: len(seen) >= 2)
        system.kill("decide")
        await system.send(in_time(second_half()), timedelta(hours=3))
        await system.until(SUPPRESSIONS_TOPIC, lambda seen: any(each["trigger"] == "night_cart" for each in seen))
        await system.send([ordered("night_cart", EVENING + 600)], timedelta(days=4))
        await system.until(FACTS_TOPIC, is_complete(DAYS_LATER_MS))
        await system.send(in_time([ordered("late", 30), *searched("stale", 20)]))
        await system.until(trigger_topic("cart"), lambda seen: any(t["type"] == "trigger_retracted" for t in seen))
        await system.send([told("hello", "page_viewed", 12 * 24 * 60)], timedelta(days=9))
        await system.until(FACTS_TOPIC, is_complete(CLOSED_MS))
        await settled(system, kafka.bootstrap)
        topics = [trigger_topic(rule.name) for rule in system.configuration.plan.triggers.trigger]
        said = [each for topic in topics for each in await system.read(topic)]
        refused = await system.read(SUPPRESSIONS_TOPIC)
        check(said, refused)
        await system.run("dump", LOG_TOPIC, "--out", str(log))
        await system.run("replay", str(log), "--out", str(out))
        shared = [*topics, SUPPRESSIONS_TOPIC, SEGMENTS_TOPIC]
        live = {topic: await read(system, topic) for topic in shared}
        assert {topic: in_partitions(read_outputs(out / f"{topic}.jsonl", topic)) for topic in shared} == live
        await states_are_equal(system, out)


def check(said: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    """Each once: what was put off was decided, what was wrong was taken back."""
    sent = Counter((each["trigger"], each["correlation"]) for each in said if each["type"] == "trigger_emitted")
    assert {name for name, _ in sent} == SENT
    assert set(sent.values()) == {1}
    assert {each["reason"] for each in refused} == REASONS
    [taken_back] = [each for each in said if each["type"] == "trigger_retracted"]
    assert taken_back["customer_id"] == name_of("late")
    assert taken_back["trigger_id"] in {each["trigger_id"] for each in said if each["type"] == "trigger_emitted"}
    [night] = [each for each in said if each["trigger"] == "night" and each["customer_id"] == name_of("night")]
    assert (night["since"], night["at"]) == ("2026-03-01T21:00:00Z", "2026-03-02T08:05:00Z")
    outranked = [each["trigger"] for each in refused if each["reason"] == "outranked"]
    assert outranked.count("low") == 1
