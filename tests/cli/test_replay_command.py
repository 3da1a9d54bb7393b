"""`streamproc replay` as people call it: what it says, where it writes, and how it fails."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.offline.dumps.files import write_dump
from tests.builders import add, consent, order
from tests.offline.replay.logs import raw

pytestmark = pytest.mark.slow  # each replays

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.jsonl.gz"
    write_dump(path, raw([consent(), add(minutes=1), order(customer_id="bob", minutes=2), order(minutes=200)]))
    return path


@pytest.fixture(autouse=True)
def own_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMPROC_RUNTIME__DATA_DIR", str(tmp_path / "data"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def changed_config(folder: Path) -> Path:
    """The shop's configuration, but a cart is abandoned after two hours."""
    config = folder / "config"
    config.mkdir()
    for path in (CHECKOUT / "config").glob("*.toml"):
        text = path.read_text()
        assert "delay_minutes = 60" in text or path.name != "triggers.toml"
        (config / path.name).write_text(text.replace("delay_minutes = 60", "delay_minutes = 120"))
    return config


def test_it_says_how_much_came_out_and_where_it_is(dump: Path, tmp_path: Path) -> None:
    result = call(dump, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "4 events of 2 customers" in result.output
    assert (tmp_path / "out" / "summary.json").exists()
    assert (tmp_path / "out" / "marketing.triggers.abandoned-cart.v1.jsonl").read_bytes().count(b"\n") == 1


def test_one_customer_is_one_customer(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    write_dump(dump, raw([order(minutes=1)]))
    assert "1 event of 1 customer in" in call(dump, "--out", tmp_path / "out").output


def test_plain_orders_say_that_nobody_has_consented_and_how_to_replay_as_if_all_had(tmp_path: Path) -> None:
    dump, first_orders = tmp_path / "dump.jsonl", "marketing.triggers.first-order.v1.jsonl"
    write_dump(dump, raw([order(minutes=1), order(customer_id="bob", minutes=2)]))
    refused = " ".join(call(dump, "--out", tmp_path / "refused").output.split())
    assert "2 messages were refused because nobody has consented; --assume-consent replays as if all had" in refused
    assert not (tmp_path / "refused" / first_orders).exists()
    assumed = call(dump, "--out", tmp_path / "assumed", "--assume-consent").output
    assert "nobody has consented" not in assumed
    assert (tmp_path / "assumed" / first_orders).read_bytes().count(b"\n") == 2


def test_a_few_refusals_for_want_of_consent_are_not_worth_a_line(dump: Path, tmp_path: Path) -> None:
    assert "nobody has consented" not in call(dump, "--out", tmp_path / "out").output


def test_two_configurations_are_compared(dump: Path, tmp_path: Path) -> None:
    result = call(dump, "--out", tmp_path / "out", "--against", changed_config(tmp_path))
    assert result.exit_code == 1, result.output
    assert "abandoned_cart moved: c/ada" in result.output
    same = call(dump, "--out", tmp_path / "out2", "--against", CHECKOUT / "config")
    assert same.exit_code == 0, same.output


def test_a_configuration_that_is_not_there_is_an_error(dump: Path, tmp_path: Path) -> None:
    result = call(dump, "--config", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (result.exit_code, "does not exist" in result.output) == (2, True)


def test_a_configuration_with_a_mistake_is_told_with_file_and_key(dump: Path, tmp_path: Path) -> None:
    config = changed_config(tmp_path)
    (config / "models.toml").write_text("[churn]\nhorizon = 3\n")
    result = call(dump, "--config", config, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "models.toml: churn.horizon" in result.output


def test_a_bad_line_is_told_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "dump.jsonl").write_text("\nnonsense\n")
    result = call(tmp_path / "dump.jsonl", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "dump.jsonl:1: no JSON" in result.output
    assert result.output.count("\n") == 1
