"""Churn at a cut: nothing of the future is in it, and it is judged by what happened after it."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from streamproc.models.releases.bank import ModelBank
from streamproc.offline.backtest.asked import churn_of
from streamproc.offline.backtest.churn import judge_churn
from streamproc.offline.backtest.cut import Cut, Known, known_at, with_horizon
from streamproc.offline.dumps.record import DumpedRecord
from streamproc.offline.replay.setup import ReplayError
from tests.offline.backtest.shop import behaviour, dumped, ms, order, setup, some_orders

CUT = Cut(date(2024, 3, 31), 28)


def known(records: list[DumpedRecord], folder: Path, cut: Cut = CUT) -> Known:
    folder.mkdir()
    return known_at(cut, [dumped(folder, records)], setup(), folder, 1)


def scores(at_cut: Known) -> dict[str, object]:
    return {customer.key: asdict(customer) for customer in at_cut.customers}


@pytest.mark.slow
def test_a_changed_future_changes_nothing_that_was_known_at_the_cut(tmp_path: Path) -> None:
    records = some_orders()
    past = [record for record in records if record.timestamp < CUT.end_ms]
    future = [order(day + 0.5, f"c{number}") for day in range(92, 120) for number in range(20)]
    before, after = known(records, tmp_path / "a"), known(past + future, tmp_path / "b")
    assert scores(before) == scores(after)
    assert before.bank.releases == after.bank.releases
    assert before.bank.version("churn") is not None


def test_the_cut_s_day_is_known_and_the_next_is_not(tmp_path: Path) -> None:
    records = [order(1, "ada"), order(90, "bob"), order(91, "cleo")]  # 31 March is day 90
    assert {customer.key for customer in known(records, tmp_path / "a").customers} == {"c/ada", "c/bob"}


def test_nobody_to_judge_is_no_error() -> None:
    rules = setup().plan
    at_cut = Known([], ModelBank(b"key", {}), churn_of(rules.predictions), rules.functions)
    result = judge_churn(CUT, at_cut, behaviour((1, "ada", ("a",))))
    assert (result.customers, result.churn_rate) == (0, None)


@pytest.mark.slow
def test_a_dump_that_ends_before_the_horizon_is_refused(tmp_path: Path) -> None:
    at_cut = known([order(1)], tmp_path / "a")
    with pytest.raises(ValueError, match="choose an earlier --churn-cut or fewer --churn-days"):
        judge_churn(CUT, at_cut, behaviour((1, "ada", ("a",)), through=100))


def test_labels_and_simple_rules_are_of_days(tmp_path: Path) -> None:
    orders = [
        (1.0, "ada", ("a",)),
        (2.0, "ada", ("a",)),
        (2.1, "ada", ("a",)),
        (5.0, "bob", ("a",)),
        (95.0, "ada", ("a",)),
    ]
    at_cut = known([order(day, customer) for day, customer, _ in orders], tmp_path / "a")
    result = judge_churn(CUT, at_cut, behaviour(*orders))
    assert (result.customers, result.churn_rate) == (2, 0.5)
    assert result.frequency.value == 1.0  # bob has one day with an order and left, ada has two and stayed
    assert result.recency.value == 0.0
    assert result.auc.value is None  # too little was learned for a release
    assert result.model_version is None


def test_an_empty_past_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="nothing happened up to 2024-03-31"):
        known([order(300)], tmp_path / "a")


def test_a_long_horizon_is_asked_about_less_often() -> None:
    settings = churn_of(setup().plan.predictions).prediction
    assert with_horizon(settings, 28).ask_every_days == settings.ask_every_days
    assert with_horizon(settings, 91).ask_every_days == 8


def test_the_horizon_begins_at_the_end_of_the_cut_s_day() -> None:
    assert ms(90) < CUT.end_ms < ms(91)
    assert CUT.until_ms - CUT.end_ms == 28 * 86_400_000
