"""`streamproc check`: the plan as it is in force, or every mistake at once."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamproc.cli import main
from streamproc.decide.triggers import KINDS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def check(folder: Path, *arguments: str, **environ: str) -> Result:
    folders = ["--config", str(folder), "--topics", str(ROOT / "topics")]
    return CliRunner(env=environ).invoke(main, [*folders, "check", *arguments])


def test_what_is_right_is_told_in_one_line(folder: Path) -> None:
    told = check(folder)
    assert told.exit_code == 0
    counts = r"plan [0-9a-f]{12}, 3 triggers, 4 offers, 1 tag, 7 segments, \d+ KPIs"
    assert re.fullmatch(f"right: {counts}; money in GBP \\(rates: none\\), days of UTC", " ".join(told.output.split()))


def test_the_plan_is_shown_with_what_nobody_wrote_down(folder: Path) -> None:
    told = check(folder, "--plan")
    assert told.exit_code == 0
    assert '"cool_down_hours": 24.0' in told.stdout
    assert '"spread": 1.0' in told.stdout
    assert "right: plan" in told.stdout


def test_secrets_are_masked(folder: Path) -> None:
    secrets = {"STREAMPROC_KAFKA__SASL_PASSWORD": "s3cret", "STREAMPROC_SIGNING__KEY": "s3cret" * 3}
    account = {"STREAMPROC_KAFKA__SECURITY": "SASL_SSL", "STREAMPROC_KAFKA__SASL_USERNAME": "shop"}
    told = check(folder, "--plan", **secrets, **account)
    assert told.exit_code == 0
    assert "s3cret" not in told.output
    assert '"sasl_password": "****' in told.stdout


def test_every_mistake_is_told_with_file_table_and_key(folder: Path) -> None:
    triggers, offers = folder / "triggers.toml", folder / "offers.toml"
    triggers.write_text(triggers.read_text().replace("delay_minutes = 60", "delay_minuts = 60"))
    offers.write_text(offers.read_text().replace('"volume_discount"', '"loyalty_gift"'))
    told = check(folder)
    assert told.exit_code == 2
    assert f"{triggers}: trigger.abandoned_cart.delay_minuts: there is no key `delay_minuts`; " in told.stderr
    assert "did you mean `delay_minutes`?" in told.stderr
    assert f"{offers}: offer.loyalty_gift.id: 2 blocks have this name" in told.stderr
    assert "3 problem(s) in the configuration; nothing was started" in told.stderr


def test_what_conditions_can_use_is_listed(folder: Path) -> None:
    told = check(folder, "--features")
    assert told.exit_code == 0
    assert "orders_total" in told.stdout
    assert ", ".join(sorted(KINDS)) in " ".join(told.stdout.split())


NIGHTS = """
[[feature]]
name = "nights"
description = "Purchases in the last 14 nights."
event = "order_placed"
where = { is_paid = true }
window = "14d"
hours = [22, 6]
"""


def test_declared_features_are_told_in_plain_words(folder: Path) -> None:
    (folder / "features.toml").write_text(
        NIGHTS + NIGHTS.replace("nights", "sales").replace("hours", 'sum = "amount" #')
    )
    told = check(folder, COLUMNS="200")
    assert told.exit_code == 0
    assert told.stdout.splitlines()[1:] == [
        "nights: order_placed with is_paid true: how many, from 22:00 until before 6:00, in the last 14 days",
        "sales: order_placed with is_paid true: the sum of amount in currency units, in the last 14 days",
    ]
    listed = check(folder, "--features", COLUMNS="200").stdout
    assert "Purchases in the last 14 nights. (order_placed with is_paid true: how many" in listed
    assert re.search(r"order_placed +amount, cart_id, coupon, currency, discount, is_paid,", listed)


def test_check_says_in_what_the_shop_counts(folder: Path) -> None:
    with (folder / "app.toml").open("a") as app, (folder / "rates.toml").open("a") as rates:
        app.write('\n[shop]\ncurrency = "EUR"\ntime_zone = "Europe/Berlin"\n')
        rates.write('\n[[rate]]\ncurrency = "GBP"\nfrom = 2026-01-01\nworth = 1.2\n')
    assert "money in EUR (rates: GBP), days of Europe/Berlin" in check(folder, COLUMNS="200").stdout
    with (folder / "rates.toml").open("a") as rates:
        rates.write('\n[[rate]]\ncurrency = "EUR"\nfrom = 2026-01-01\nworth = 1\n')
    assert "EUR is the shop's own: it needs no rate" in check(folder).stderr
