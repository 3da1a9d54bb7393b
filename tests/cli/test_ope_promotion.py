"""`streamproc ope` of ways that go by what was expected, and which policy it promotes."""

import json
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from streamproc.cli import main
from tests.cli.asking_ope import BTS, RANDOM, a_liked_offer, call, open_bandit, replayed_orders
from tests.offline.backtest.shop import ROOT

pytestmark = pytest.mark.slow  # each reads a log of decisions and values it many times over


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replayed_orders(tmp_path_factory.mktemp("replayed"))


def test_a_better_policy_is_promoted_with_the_table_to_write(tmp_path: Path) -> None:
    asked = (*a_liked_offer(tmp_path), "--promote")
    result = call(*asked, "--policy", "new_arrivals", "--policy", "best")
    assert result.exit_code == 0, result.output
    assert "new_arrivals whenever possible promoted: its lower end by the Bernstein bound" in result.output
    assert "always the best by expected_reward not promoted" in result.output
    assert '[policy]\nkind = "epsilon_greedy"\nepsilon = 0.0\n' in result.output
    told = json.loads(call(*asked, "--json").output)
    assert told["promoted"] == "new_arrivals whenever possible"
    assert [each["policy"] for each in told["promotions"] if each["promoted"]] == [told["promoted"]]
    assert call(*asked, "--policy", "new_arrivals", "--margin", 0.5).exit_code == 1


KNOWN = {"new_arrivals": 0.9, "free_shipping_next_order": 0.1}


def test_a_way_that_goes_by_what_was_expected_is_promoted_with_its_table(tmp_path: Path) -> None:
    asked = a_liked_offer(tmp_path, expected=KNOWN, deviations=dict.fromkeys(KNOWN, 0.1))
    ways = ("--policy", "softmax:temperature=0.2,explore=0", "--policy", "thompson", "--policy", "lin_ucb:explore=1")
    result = call(*asked, *ways, "--promote")
    assert result.exit_code == 0, result.output
    assert "softmax(0.2, explore 0.0) promoted: its lower end" in result.output
    assert "lin_ucb(1.0, explore 1.0) not promoted" in result.output
    assert "thompson(1.0, explore 0.02) may take the place of the policy that logged" in result.output
    assert '[policy]\nkind = "thompson"\nspread = 1.0\nexplore = 0.02\non = ["order_placed"]\n' in result.output
    assert "would have learned of other choices is not valued" in result.output
    [thompson] = json.loads(call(*asked, "--policy", "thompson", "--json").output)["policies"]
    assert thompson["ips"]["value"] == pytest.approx(0.99, abs=0.005)


def test_a_way_that_the_log_says_nothing_about_is_refused_beside_the_others(tmp_path: Path) -> None:
    asked = a_liked_offer(tmp_path, expected=KNOWN)
    result = call(*asked, "--policy", "softmax", "--policy", "thompson")
    assert result.exit_code == 0, result.output
    assert "thompson(1.0, explore 0.02) refused: 400 of 400 decisions do not say how sure" in result.output
    alone = call(*asked, "--policy", "lin_ucb", "--promote")
    assert alone.exit_code == 1
    assert "lin_ucb(1.0, explore 0.05) not promoted: 400 of 400 decisions" in alone.output


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("softmaxx", "--policy softmaxx: there is none; choose of logged, best, random"),
        ("softmax:heat=2", "no number 'heat'; there are: explore, temperature"),
        ("softmax:temperature=hot", "write it as in softmax:temperature=0.2,explore=0.05"),
        ("softmax:temperature=0", "temperature: must be greater than 0"),
        ("thompson:control=0.5", "no number 'control'"),
    ],
)
def test_a_way_that_cannot_be_is_told_with_what_can(replayed: Path, policy: str, said: str) -> None:
    result = call(replayed, "--policy", policy)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_without_a_model_in_the_configuration_no_way_can_go_by_one(tmp_path: Path, replayed: Path) -> None:
    copytree(ROOT / "config", tmp_path / "config")
    offers = tmp_path / "config" / "offers.toml"
    text = offers.read_text(encoding="utf-8").replace('kind = "thompson"\nmodel = "offer_reward"', 'kind = "softmax"')
    offers.write_text(text.replace("control = 0.2", ""), encoding="utf-8")
    folders = ["--config", str(tmp_path / "config"), "--topics", str(ROOT / "topics")]
    result = CliRunner().invoke(main, [*folders, "ope", str(replayed), "--policy", "softmax"])
    assert result.exit_code == 2
    assert "names no model: name one" in " ".join(result.output.split())


def test_what_is_not_surely_better_is_not_promoted_and_the_exit_code_says_so(replayed: Path) -> None:
    not_better = open_bandit(RANDOM, "--policy", "bts", "--promote")
    assert not_better.exit_code == 1
    assert "bts not promoted: its lower end by the Bernstein bound" in not_better.output
    unseen = call(replayed, "--promote")
    assert unseen.exit_code == 1
    assert "nobody saw these offers" in unseen.output


def test_a_policy_that_too_few_decisions_speak_for_is_not_promoted() -> None:
    result = open_bandit(BTS, "--policy", "random", "--least-effective", 500, "--promote", "--json")
    assert result.exit_code == 1
    [found] = json.loads(result.output)["promotions"]
    assert (found["promoted"], found["low"]) == (False, None)
    assert "the estimate would rest on 340 decisions" in found["reason"]
