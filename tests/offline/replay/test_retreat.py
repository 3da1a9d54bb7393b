"""A model goes back and comes back by itself at the same place in every replay, of raw records and of their log."""

from datetime import date
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from streamproc.cli import main
from streamproc.events.topics import FACTS_TOPIC, LOG_TOPIC, MODEL_AUDIT_TOPIC, SCORES_TOPIC
from streamproc.models.health import retreat
from tests.real_orders import RealOrders


def replayed(dump: Path, out: Path) -> Path:
    result = CliRunner().invoke(main, ["replay", str(dump), "--out", str(out), "--jobs", "1"])
    assert result.exit_code == 0, result.output
    return out


@pytest.mark.slow
def test_the_first_versions_of_a_real_year_go_back_if_two_bad_blocks_are_enough(
    real_orders: RealOrders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retreat, "PATIENCE", 2)
    monkeypatch.setattr(retreat, "RECOVERY", 14)  # what is in training is better long before
    monkeypatch.setenv("STREAMPROC_SIGNING__KEY", "a signing key for these tests")
    dump = tmp_path / "real.jsonl"
    real_orders.of_days(dump, last_day=date(2011, 2, 28))
    raw = replayed(dump, tmp_path / "raw")
    acts = [orjson.loads(line)["value"] for line in (raw / f"{MODEL_AUDIT_TOPIC}.jsonl").read_bytes().splitlines()]
    assert acts[0]["to_version"] is None
    assert {(act["model"], act["by"]) for act in acts} == {("churn", "learn")}
    assert [act["action"] for act in acts] == ["retreat", "return"]

    scored = [orjson.loads(line)["value"] for line in (raw / f"{SCORES_TOPIC}.jsonl").read_bytes().splitlines()]
    days = {score["at"][:10] for score in scored if score["model"] == "churn"}
    gone, back = (act["at"][:10] for act in acts)
    assert not [day for day in days if gone < day < back]
    assert max(days) > back
    again = replayed(raw / f"{LOG_TOPIC}.jsonl", tmp_path / "again")
    for topic in (SCORES_TOPIC, FACTS_TOPIC):
        assert (again / f"{topic}.jsonl").read_bytes() == (raw / f"{topic}.jsonl").read_bytes()
