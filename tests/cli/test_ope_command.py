"""`streamproc ope` as people call it: known values of Open Bandit, our own logs, refusals, and what is wrong where."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from streamproc.offline.decision_logs.thompson import read_prior, simulate
from streamproc.offline.dumps.files import write_dump
from streamproc.offline.dumps.record import DumpedRecord
from tests.cli.asking_ope import (
    BTS,
    DATA,
    HEAD,
    OFFERS,
    RANDOM,
    call,
    open_bandit,
    replayed_orders,
)

pytestmark = pytest.mark.slow  # each reads a log of decisions and values it many times over


def test_thompson_sampling_on_the_random_log_of_open_bandit_has_the_known_values() -> None:
    result = open_bandit(RANDOM, "--policy", "bts", "--json")
    assert result.exit_code == 0, result.output
    [found] = json.loads(result.output)["policies"]
    assert found["ips"]["value"] == pytest.approx(0.004553, abs=5e-7)
    assert found["doubly_robust"]["value"] == pytest.approx(0.004727, abs=5e-7)
    assert found["effective"] == pytest.approx(1_640, abs=1)
    assert found["direct"]["value"] == pytest.approx(0.003545, abs=5e-7)
    assert found["direct"]["low"] is None
    for name in ("ips", "snips", "doubly_robust", "switched", "bound"):
        assert found[name]["low"] < 0.0042 < found[name]["high"], name  # what the policy earned itself


def test_the_means_of_the_log_say_the_same_within_their_interval() -> None:
    result = open_bandit(RANDOM, "--policy", "bts", "--reward-model", "means", "--json")
    [found] = json.loads(result.output)["policies"]
    assert found["doubly_robust"]["value"] == pytest.approx(0.004727, abs=5e-7)
    assert found["direct"]["value"] == pytest.approx(0.003835, abs=5e-7)
    for value in (0.003545, 0.0042):
        assert found["direct"]["low"] < value < found["direct"]["high"]


def test_without_features_of_users_means_are_taken_and_clicks_refused(tmp_path: Path) -> None:
    rows = [f"{number % 2},1,{number % 3 // 2},0.5" for number in range(300)]
    (tmp_path / "log.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    ours = (tmp_path / "log.csv", "--policy", "random", "--items", 2)
    assert json.loads(open_bandit(*ours, "--json").output)["policies"][0]["direct"]["low"] is not None
    assert "use --reward-model means" in open_bandit(*ours, "--reward-model", "clicks").output
    assert "give --items or --item-features" in open_bandit(RANDOM, "--items", 90, "--reward-model", "clicks",
                                                            "--policy", "random").output  # fmt: skip


def test_the_log_of_thompson_sampling_says_what_it_earned_and_what_chance_would_have() -> None:
    result = open_bandit(BTS, "--policy", "logged", "--policy", "random", "--json")
    told = json.loads(result.output)
    logged, random = told["policies"]
    assert told["logged"] == logged["ips"]["value"] == pytest.approx(0.0042)
    assert random["ips"]["low"] < 0.0038 < random["ips"]["high"]  # what chance earned on the other log


def test_the_simulated_chances_are_the_published_ones() -> None:
    with (DATA / "golden" / "open_bandit_bts_probabilities.csv").open(newline="", encoding="utf-8") as file:
        golden = [[float(row[f"position_{place}"]) for place in (1, 2, 3)] for row in csv.DictReader(file)]
    assert simulate(read_prior(DATA / "open_bandit_bts_prior.csv")).chances == pytest.approx(np.asarray(golden))


def test_another_seed_moves_the_value_by_no_more_than_the_simulation_error() -> None:
    told = json.loads(open_bandit(RANDOM, "--seed", 1, "--draws", 20_000, "--json").output)
    assert told["policies"][0]["ips"]["value"] == pytest.approx(0.004553, abs=4 * 0.00003 * 5**0.5)
    assert "20,000 draws (seed 1)" in told["remarks"][0]


def test_the_screen_has_every_estimator_and_what_it_rests_on() -> None:
    told = open_bandit(RANDOM).output
    for said in (
        "38 rewarded: the policy that logged earned 0.003800",
        "doubly robust",
        "0.004727",
        "1,640",
        "seed 12345",
    ):
        assert said in told


def test_what_too_few_decisions_speak_for_is_refused_with_the_reason(tmp_path: Path) -> None:
    with gzip.open(BTS, "rt", encoding="utf-8") as file:
        rows = file.readlines()[:1_001]
    (tmp_path / "short.csv").write_text("".join(rows), encoding="utf-8")
    for refused in (
        open_bandit(tmp_path / "short.csv", "--policy", "random"),
        open_bandit(BTS, "--policy", "random", "--least-effective", 500),
        open_bandit(BTS, "--policy", "random", "--least-share", 0.05),
    ):
        assert refused.exit_code == 2
        assert "random is refused: the estimate would rest on" in refused.output
        assert "log more decisions" in refused.output


def test_one_refusal_of_several_policies_is_told_beside_the_others() -> None:
    result = open_bandit(BTS, "--policy", "logged", "--policy", "random", "--least-effective", 500)
    assert result.exit_code == 0
    assert "random refused: the estimate would rest on 340 decisions of 10,000" in result.output


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (f"{HEAD}\n0,1,0,0.5\n80,4,2,0\n", ":3: column item_id: '80': write a whole number from 0 to 79"),
        (f"{HEAD}\n80,4,2,0\n", ":2: column position: '4': write 1 to 3"),
        (f"{HEAD}\n80,4,2,0\n", ":2: column click: '2': write 0 or 1"),
        (f"{HEAD}\n80,4,2,0\n", ":2: column propensity_score: '0': write the probability of what was shown"),
        (f"{HEAD}\n0,1,0\n", ":2: column propensity_score: nothing"),
        (f"{HEAD}\n" + "x,1,0,1\n" * 9, "and 4 more"),
        ("item_id,position,click\n", ":1: no column propensity_score; name it so in the heading"),
        ("a,b\n", ":1: no column item_id, position, click, propensity_score; name it so in the heading (there: a, b)"),
        (f"{HEAD}\n", "there is no row in it"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_by_line_and_column(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "log.csv").write_text(table, encoding="utf-8")
    result = open_bandit(tmp_path / "log.csv")
    assert result.exit_code == 2
    assert said in result.output


def test_an_unknown_policy_and_too_small_a_largest_weight_are_told() -> None:
    assert "choose of logged, random, bts" in open_bandit(RANDOM, "--policy", "best").output
    assert "19.6 was seen, so 5.0 is not the largest one" in open_bandit(RANDOM, "--most-weight", 5).output


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replayed_orders(tmp_path_factory.mktemp("replayed"))


def test_our_own_log_is_valued_under_every_policy(replayed: Path) -> None:
    result = call(replayed, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    logged = told["policies"][0]
    assert logged["policy"] == "as logged"
    assert logged["ips"]["value"] == pytest.approx(told["logged"])
    assert logged["doubly_robust"]["value"] == pytest.approx(told["logged"], abs=0.02)
    assert {"at random", "always the best by expected_reward"} <= {one["policy"] for one in told["policies"]}
    assert any("nobody saw these offers" in remark for remark in told["remarks"])


def test_a_dump_of_offers_and_customer_log_says_what_the_folder_says(replayed: Path, tmp_path: Path) -> None:
    offers = [json.loads(line) for line in (replayed / f"{OFFERS}.jsonl").read_text().splitlines()]
    records = [DumpedRecord(OFFERS, b"c", 0, json.dumps(one["value"]).encode()) for one in offers]
    write_dump(tmp_path / "offers.jsonl", records)
    log = replayed / "shop.customer-events.v1.jsonl"
    (tmp_path / "both.jsonl").write_bytes((tmp_path / "offers.jsonl").read_bytes() + log.read_bytes())
    expected = call(replayed, "--policy", "logged", "--json").output
    assert call(tmp_path / "both.jsonl", "--policy", "logged", "--json").output == expected
    assert call(tmp_path / "offers.jsonl", "--log", log, "--policy", "logged", "--json").output == expected
    alone = call(tmp_path / "offers.jsonl")
    assert alone.exit_code == 2
    assert "no shop.customer-events.v1 in it, so what came of the offers is not known; give --log" in alone.output


def test_a_decision_that_cannot_be_one_is_told_by_its_line(tmp_path: Path) -> None:
    good = {"offer_id": "a", "propensity": 0.5, "candidates": {"a": 0.5, "b": 0.5}, "at": "2024-01-01T00:00:00Z",
            "customer_id": "ada"}  # fmt: skip
    bad = [
        {**good, "propensity": 0},
        {**good, "offer_id": "c"},
        {**good, "candidates": {"a": 0.9}},
        {"at": ""},
        {**good, "at": "?"},
        {**good, "propensity": "x"},
        {**good, "candidates": []},
    ]
    records = [DumpedRecord(OFFERS, b"c", 0, json.dumps(one).encode()) for one in (good, *bad)]
    write_dump(tmp_path / "offers.jsonl", records)
    told = call(tmp_path / "offers.jsonl").output
    for said in (
        ":2: propensity: 0 is no",
        ":3: candidates: 'c', which was chosen",
        ":4: candidates: their",
        ":5: no offer_id",
        ":6: at",
        "and 2 more",
    ):
        assert said in told


def test_a_folder_without_offers_or_without_the_policy_says_so(replayed: Path, tmp_path: Path) -> None:
    assert f"no {OFFERS} in it" in call(tmp_path).output
    assert "say --format open-bandit" in call(RANDOM).output
    assert "choose of logged, best, random" in call(replayed, "--policy", "nothing").output
    assert "choose a lower --reward-days" in call(replayed, "--reward-days", 10_000).output
