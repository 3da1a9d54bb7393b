"""Two replays side by side: added, dropped, moved, changed, per trigger, offer, segment, score and KPI."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.offline.diff.compare import Comparison, compare
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.replay.run import Options, replay
from streamproc.offline.replay.setup import ReplayConfig, ReplayError
from tests.builders import abandoned_cart, add, consent, on_order, order, plan, release
from tests.offline.replay.logs import Log, setup

MUG: dict[str, Any] = {"offer": [{"id": "mug", "content": "A mug", "expected_reward": 1.0}]}
OFTEN: dict[str, Any] = {"name": "often", "where": [{"feature": "orders_total", "at_least": 2}]}
SHOP = setup(abandoned_cart(), on_order(), offers=MUG, segments=[OFTEN])


def log() -> Log:
    churn = SHOP.plan.models["churn"]
    orders = [order(customer_id=who, minutes=minutes) for who in ("ada", "bob") for minutes in (5, 90)]
    return Log().add(consent(), consent(customer_id="bob"), release(churn), *orders, add(minutes=100), 400)


RECORDS = log().dumped()


def differences(folder: Path, other: ReplayConfig) -> Comparison:
    write_dump(folder / "log.jsonl", RECORDS)
    for name, shop in (("a", SHOP), ("b", other)):
        replay([folder / "log.jsonl"], shop, folder / name, Options())
    return compare(folder / "a", folder / "b")


def counts(comparison: Comparison, kind: str) -> dict[str, tuple[int, ...]]:
    return {
        name: (one.same, one.added, one.dropped, one.moved, one.changed) for name, one in comparison.kinds[kind].items()
    }


def other(*triggers: dict[str, Any], **blocks: Any) -> ReplayConfig:
    return replace(SHOP, plan=plan(*triggers, **{"offers": MUG, "segments": [OFTEN]} | blocks))


@pytest.mark.slow
def test_the_same_configuration_says_the_same(tmp_path: Path) -> None:
    compared = differences(tmp_path, SHOP)
    assert not compared.is_different
    assert counts(compared, "triggers") == {"abandoned_cart": (1, 0, 0, 0, 0), "thanks": (4, 0, 0, 0, 0)}
    assert counts(compared, "segments") == {"often entered": (2, 0, 0, 0, 0)}
    assert compared.kinds["kpis"]["orders"].same > 0
    assert compared.kinds["scores"]["churn"].same > 0


@pytest.mark.slow
def test_a_longer_delay_moves_the_trigger_in_time(tmp_path: Path) -> None:
    compared = differences(tmp_path, other(abandoned_cart(delay_minutes=120), on_order()))
    assert counts(compared, "triggers")["abandoned_cart"] == (0, 0, 0, 1, 0)
    (example,) = compared.kinds["triggers"]["abandoned_cart"].examples["moved"]
    assert example.startswith("c/ada ")
    assert example.endswith("2024-05-01T14:40:00Z → 2024-05-01T15:40:00Z")


@pytest.mark.slow
def test_a_cool_down_drops_triggers_and_adds_suppressions(tmp_path: Path) -> None:
    compared = differences(tmp_path, other(abandoned_cart(), on_order(cool_down_hours=24)))
    assert counts(compared, "triggers")["thanks"] == (2, 0, 2, 0, 0)
    assert counts(compared, "suppressions") == {"thanks cool_down": (0, 2, 0, 0, 0)}
    assert compared.kinds["kpis"]["triggers"].is_different


@pytest.mark.slow
def test_days_say_how_many_were_sent_and_refused_then(tmp_path: Path) -> None:
    compared = differences(tmp_path, other(abandoned_cart(), on_order(cool_down_hours=24)))
    thanks, refused = compared.kinds["triggers"]["thanks"], compared.kinds["suppressions"]["thanks cool_down"]
    assert sum(before for before, _ in thanks.days.values()) == 4
    assert sum(after for _, after in thanks.days.values()) == 2
    assert sum(after for _, after in refused.days.values()) == 2
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    shown = CliRunner().invoke(main, ["diff", a, b]).output
    assert re.search(r"triggers by day +sent by A +by B +refused by A +by B", shown)
    assert re.search(r"^ 2024-05-01 +\d+ +\d+ +0 +\d+ *$", shown, re.MULTILINE)


@pytest.mark.slow
def test_another_offer_is_one_dropped_and_one_added(tmp_path: Path) -> None:
    rug = {"offer": [{"id": "rug", "content": "A rug", "expected_reward": 1.0}]}
    compared = counts(differences(tmp_path, other(abandoned_cart(), on_order(), offers=rug)), "offers")
    assert compared["mug"][2] == compared["rug"][1] > 0


@pytest.mark.slow
def test_a_segment_with_another_condition_changes_who_is_in_it(tmp_path: Path) -> None:
    always = OFTEN | {"where": [{"feature": "orders_total", "at_least": 1}]}
    compared = differences(tmp_path, other(abandoned_cart(), on_order(), segments=[always]))
    assert counts(compared, "segments")["often entered"] == (0, 0, 0, 2, 0)


@pytest.mark.slow
def test_what_a_message_says_is_a_change(tmp_path: Path) -> None:
    compared = differences(tmp_path, other(abandoned_cart(content="Still there?"), on_order()))
    assert counts(compared, "triggers")["abandoned_cart"] == (0, 0, 0, 0, 1)
    assert (
        compared.kinds["triggers"]["abandoned_cart"]
        .examples["changed"][0]
        .endswith("trigger_emitted email → trigger_emitted email Still there?")
    )


def test_a_folder_without_a_replay_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"summary\.json: .*name two folders that `streamproc replay --out`"):
        compare(tmp_path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_the_exit_code_says_whether_anything_differs(tmp_path: Path, json: list[str]) -> None:
    differences(tmp_path, other(abandoned_cart(delay_minutes=120), on_order()))
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    same, different = (CliRunner().invoke(main, ["diff", a, second, *json]) for second in (a, b))
    assert (same.exit_code, different.exit_code) == (0, 1)
    assert CliRunner().invoke(main, ["diff", a, str(tmp_path)]).exit_code == 2
    if json:
        assert orjson.loads(different.output)["kinds"]["triggers"]["abandoned_cart"]["moved"] == 1
    else:
        assert "abandoned_cart moved: c/ada" in different.output
        assert "the same: " in different.output
