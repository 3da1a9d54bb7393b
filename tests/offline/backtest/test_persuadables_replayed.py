"""A whole shop is replayed: whom a trigger moves is learned from its holdout, and told when it is surely found."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import orjson
import pytest

from streamproc.decide.plan import Plan
from streamproc.events.topics import FORECASTS_TOPIC, MODELS_TOPIC, TRAINING_TOPIC
from streamproc.offline.backtest.persuadables import judge_persuadables
from streamproc.offline.backtest.reading import messages
from streamproc.offline.backtest.report.persuadables import effect_in_words, persuadables_in_words
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.run import Options, replay
from tests.builders import plan
from tests.offline.backtest.shop import START, dumped, ms, order, setup

CUSTOMERS, DAYS = 2_400, 60
CART = {"name": "abandoned_cart", "kind": "event", "on": ["cart_added"], "cool_down_hours": 0}
PERSUADABLE = {
    "kind": "uplift", "trigger": "abandoned_cart", "event": "order_placed", "horizon_days": 3, "lateness_hours": 1,
    "release_every": 200, "features": ["log_orders", "cart_lines"],
}  # fmt: skip


def rules() -> Plan:
    return plan(CART, policy={"holdout": {"percent": 15}}, others={"persuadable": PERSUADABLE})


def add(day: float, customer: str) -> DumpedRecord:
    value = {
        "event_id": f"add-{customer}", "type": "cart_added", "customer_id": customer, "sku": "mug",
        "occurred_at": f"{START:%Y}-01-01T00:00:00Z",
    }  # fmt: skip
    value["occurred_at"] = orjson.loads(order(day, customer).value or b"")["occurred_at"]
    return DumpedRecord("shop.clickstream.v1", customer.encode(), ms(day), orjson.dumps(value))


def shop(plan: Plan, effect: float) -> Iterator[DumpedRecord]:
    """Who has bought before fills a cart and buys; who has not does so only with the message, or by `effect` less."""
    dice = Random(5)
    for number in range(CUSTOMERS):
        name, day = f"c{number}", round(1 + DAYS * number / CUSTOMERS, 4)
        has_bought = dice.random() < 0.5
        if has_bought:
            yield order(round(day - 0.5, 4), name)
        yield add(day, name)
        is_treated = not plan.policy.holdout.has(f"c/{name}")
        if dice.random() < (0.6 if has_bought else 0.1 + effect * is_treated):
            yield order(round(day + 1, 4), name)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.6, 0.0])
def test_scores_are_told_once_they_surely_find_those_who_are_moved_and_else_never(
    tmp_path: Path, effect: float
) -> None:
    decided, out = rules(), tmp_path / "out"
    replay([dumped(tmp_path, shop(decided, effect))], replace(setup(), plan=decided), out, Options())
    [result] = judge_persuadables(messages(out, TRAINING_TOPIC), decided.predictions, ms(DAYS + 2))
    told = list(messages(out, FORECASTS_TOPIC))
    cards = [each for each in messages(out, MODELS_TOPIC) if each["model"] == "persuadable"]
    assert result.treated + result.held_out > 0.9 * CUSTOMERS
    assert 0.12 < result.held_out / (result.treated + result.held_out) < 0.18
    assert cards[0]["metrics"]["gives_scores"] == 0
    if not effect:
        assert told == []
        assert "No effect found" in effect_in_words(result)
        assert "No persuadables found" in persuadables_in_words(result)
        return
    assert cards[-1]["metrics"]["gives_scores"] == 1
    assert "The scores find persuadables" in persuadables_in_words(result)
    assert len(told) > 100
    assert all(each["at"][:10] > cards[1]["trained_through"][:10] for each in told)
    assert {each["band"] for each in told} >= {"persuadable"}
    assert {each["unit"] for each in told} == {"uplift"}
