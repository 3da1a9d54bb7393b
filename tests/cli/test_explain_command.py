"""`streamproc explain` as people call it, by a dump or by the states of a replay, with the models that are in them."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streamproc.cli import main
from tests.offline.backtest.shop import ROOT, dumped, some_orders

MODELS = '[churn]\nrelease_every = 20\nfeatures = ["log_orders", "log_recency_weeks"]\n'
OFFERS = '[[offer]]\nid = "gift"\ncontent = "A gift"\n'
JOURNEY = """
[[journey]]
name = "again"
start = "churn_risk"
[[journey.step]]
kind = "wait"
days = 1
[[journey.step]]
name = "push"
kind = "message"
channels = ["push"]
"""
UNKNOWN = "no version of it is released, so what it says is unknown"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, a dump of orders, and what a replay of it has written."""
    folder = tmp_path_factory.mktemp("shop")
    copytree(ROOT / "config", folder / "config")
    for name, text in (("models", MODELS), ("offers", OFFERS), ("journeys", JOURNEY)):
        (folder / "config" / f"{name}.toml").write_text(text, encoding="utf-8")
    dump = dumped(folder, some_orders(customers=12, days=60))
    result = call(folder, "replay", dump, "--out", folder / "out")
    assert result.exit_code == 0, result.output
    return folder


def call(folder: Path, *arguments: object) -> Result:
    folders = ["--config", str(folder / "config"), "--topics", str(ROOT / "topics")]
    return CliRunner().invoke(main, [*folders, *map(str, arguments)])


def explained(folder: Path, *arguments: object) -> dict[str, Any]:
    result = call(folder, "explain", *arguments, "--at", "2024-03-01", "--json")
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


def models(told: dict[str, Any]) -> dict[str, str]:
    return {each["what"]: each["answer"] for each in told["findings"] if each["about"] == "models"}


def test_by_a_dump_and_by_the_states_of_its_replay_the_released_models_are_asked(shop: Path) -> None:
    by_state = explained(shop, "c1", "churn_risk", "--state", shop / "out" / "state.jsonl")
    assert by_state == explained(shop, "c1", "churn_risk", "--log", shop / "orders.jsonl")
    assert models(by_state)["churn"].startswith("churn-0000")


def test_of_the_customer_log_that_a_replay_has_written_the_same_is_said(shop: Path) -> None:
    log = shop / "out" / "shop.customer-events.v1.jsonl"
    by_log = explained(shop, "c1", "churn_risk", "--log", log)
    assert by_log == explained(shop, "c1", "churn_risk", "--log", shop / "orders.jsonl")


def test_where_no_model_is_released_it_says_what_that_means(shop: Path, tmp_path: Path) -> None:
    few = dumped(tmp_path, some_orders(customers=3, days=10))
    assert models(explained(shop, "c1", "churn_risk", "--log", few))["churn"] == UNKNOWN


def test_of_a_journey_it_says_where_the_customer_is_and_of_its_message_what_the_policy_says(shop: Path) -> None:
    state = ("--state", shop / "out" / "state.jsonl")
    told = explained(shop, "c1", "again/push", *state)
    assert (told["journey"], told["step"]) == ("again", "push")
    assert {"journey", "policy", "models"} <= {each["about"] for each in told["findings"]}
    shown = call(shop, "explain", "c1", "again", *state)
    assert "on it: no; it begins when churn_risk is sent." in shown.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("agian", "no trigger or journey 'agian'; did you mean 'again'?"),
        ("again/pusch", "the journey again has no message 'pusch'; did you mean 'push'?"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(shop: Path, name: str, said: str) -> None:
    result = call(shop, "explain", "c1", name, "--state", shop / "out" / "state.jsonl")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
