"""The report's words and plots: what they say is what the numbers say, and nothing is drawn over anything else."""

import re
from pathlib import Path
from typing import Any

import pytest

from streamproc.events.topics import LOG_TOPIC
from streamproc.offline.backtest.churn import ChurnResult
from streamproc.offline.backtest.judging import Bin, Estimate
from streamproc.offline.backtest.off_policy.bernstein import Bound
from streamproc.offline.backtest.off_policy.value import PolicyValue
from streamproc.offline.backtest.offers import OfferResult
from streamproc.offline.backtest.orders import behaviour_of
from streamproc.offline.backtest.predictions import PredictionPeriod, PredictionResult
from streamproc.offline.backtest.progressive import Period, ProgressiveResult
from streamproc.offline.backtest.ranking import RankingGain, RankingLine
from streamproc.offline.backtest.report import svg, words
from streamproc.offline.backtest.report.predictions import predictions_sections
from streamproc.offline.backtest.report.sections import (
    churn_section,
    offers_section,
    ranking_section,
    triggers_section,
)
from streamproc.offline.backtest.uplift import ORDERS, REVENUE, Effect, UpliftResult
from streamproc.offline.replay.run import Options, replay
from tests.builders import add, order
from tests.offline.backtest.shop import dumped, setup
from tests.offline.replay.logs import raw


def bins(*said_and_left: tuple[float, float], count: int = 1_000) -> list[Bin]:
    return [Bin(0, 1, count, said, left) for said, left in said_and_left]


def test_percentages_that_agree_everywhere_can_be_taken_at_their_word() -> None:
    assert "its percentages can be taken at their word" in words.calibrated(bins((0.1, 0.11), (0.7, 0.69)), "customers")


def test_one_percentage_that_is_off_is_named_even_if_the_average_is_good() -> None:
    said = words.calibrated(bins((0.04, 0.17), (0.3, 0.3), (0.5, 0.5), (0.7, 0.7)), "customers")
    assert "most of its percentages are about right, but not all" in said
    assert "Where it says about 4 %, 17 % leave." in said


def test_a_percentage_of_few_customers_that_chance_explains_is_not_off() -> None:
    said = words.calibrated([*bins((0.3, 0.3)), *bins((0.5, 0.6), count=10)], "customers")
    assert "can be taken at their word" in said


def offers(*, only_orders: bool) -> OfferResult:
    values = [
        PolicyValue(name, 1_000, 1_000, Estimate(value, value, value), Estimate(value, value, value))
        for name, value in (("as logged", 0.2), ("at random", 0.4))
    ]
    return OfferResult({"gift": 1_000}, {"gift": 1_000}, {"gift": 200}, 14, only_orders, values)


def test_of_plain_orders_it_is_said_first_that_nobody_saw_the_offers_and_no_policy_is_better() -> None:
    said = words.policy(offers(only_orders=True))
    assert said.startswith("Nobody saw these offers: this only says who orders anyway.")
    assert "better" not in said


def test_every_estimator_is_on_the_page_and_a_refusal_with_its_reason() -> None:
    ips, snips, direct, robust, switched = (Estimate(value / 100) for value in (11, 12, 13, 14, 15))
    values = [
        PolicyValue("as logged", 1_000, 900, ips, snips, direct, robust, switched, Bound(0.01, 0.99, 3.0), 3.0),
        PolicyValue("ship whenever possible", 1_000, 4, refused="it would rest on 4"),
    ]
    page = offers_section(
        OfferResult({"gift": 1_000}, {"gift": 1_000}, {"gift": 200}, 14, only_orders=False, policies=values),
        UpliftResult(14, 900, 0, "there is no control", []),
    )
    for said in ("11.00 %", "[1.00, 99.00]", "12.00 %", "13.00 %", "14.00 %", "15.00 %", "it would rest on 4"):
        assert said in page
    for name in ("IPS", "bound of IPS", "SNIPS", "direct", "doubly robust", "switch"):
        assert f"<th>{name}</th>" in page


@pytest.mark.parametrize("other", [[], [add(minutes=1)]])
def test_a_log_of_orders_alone_is_told_from_one_in_which_people_did_more(tmp_path: Path, other: list[Any]) -> None:
    replay([dumped(tmp_path, raw([*other, order(minutes=9)]))], setup(), tmp_path / "out", Options())
    assert behaviour_of([tmp_path / "out" / f"{LOG_TOPIC}.jsonl"]).only_orders is not bool(other)


def test_of_offers_that_were_seen_the_surely_better_policy_is_named() -> None:
    assert "Surely better: at random." in words.policy(offers(only_orders=False))


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Estimate(0.05, 0.03, 0.07), "+5.0 points (+3.0 to +7.0) against the best simple way (popular), better"),
        (Estimate(-0.05, -0.07, -0.03), "-5.0 points (-7.0 to -3.0) against the best simple way (popular), worse"),
        (Estimate(0.01, -0.01, 0.03), "that can be chance"),
        (Estimate(0.01), "+1.0 points; too few customers to say that it is not chance"),
    ],
)
def test_of_suggestions_it_is_said_whether_the_model_is_better_and_by_how_much(gain: Estimate, said: str) -> None:
    lines = [RankingLine("popular", 1_000, 0.7, 0.1), RankingLine("the model", 1_000, 0.75, 0.2, 0.7, 0.8, 0.1, 0.3)]
    page = ranking_section(lines, [RankingGain("hit", "popular", gain)], "2024-01-01")
    assert "at least one right in 75.0 % (between 70.0 and 80.0 %, 95 % sure)" in page
    assert said in page
    assert page.count("<circle") == 2


def test_refusals_are_told_with_their_reasons() -> None:
    assert words.refused({"only_once": 1}) == "1 message was refused, because of only_once."
    assert words.refused({"only_once": 2}) == "2 messages were refused, all of them because of only_once."
    assert words.refused({"a": 1, "b": 1}) == "2 messages were refused, 1 because of a and 1 because of b."
    assert words.refused({"a": 3, "b": 1}) == "4 messages were refused, most of them (3) because of a."


def test_names_ranges_and_numbers_have_columns_of_their_own() -> None:
    long = svg.Whisker("free_shipping_next_order whenever possible", 0.2794, 0.2, 0.9)
    drawn = svg.whiskers([long, svg.Whisker("as logged", 0.7333)], "value", zero=True)
    places = [float(place) for place in re.findall(r'(?:x1|x2|cx)="([0-9.]+)"', drawn)]
    assert min(places) > svg.NAME_END
    assert max(places) < svg.WIDTH - len("27.94 %") * svg.CHARACTER


def test_an_axis_has_more_than_two_ticks_whatever_the_range() -> None:
    for low, high in ((0.739, 0.81), (0.5, 0.51), (0.1, 0.97), (0.6, 0.6)):
        assert svg.whiskers([svg.Whisker("auc", low), svg.Whisker("other", high)], "AUC").count('"middle"') > 2


def test_an_unknown_number_is_written_and_has_no_point() -> None:
    drawn = svg.whiskers([svg.Whisker("the model", None), svg.Whisker("recency", 0.7)], "AUC")
    assert drawn.count(">unknown</text>") == drawn.count("<circle") == 1


def test_a_model_whose_customers_all_stayed_is_not_called_absent() -> None:
    none = Estimate(None)
    churn = ChurnResult("2024-01-05", 28, "churn@00001", 3, 0.0, none, none, none, none, 0.0, 0.0, [], None, [])
    page = churn_section(churn)
    assert "no pair to rank: how well the model ranks is unknown." in page
    assert "No model had been released" not in page
    assert "Brier 0.000, log loss 0.000. Model churn@00001" in page


def test_of_months_in_which_all_stayed_it_is_not_said_that_the_model_is_not_better() -> None:
    total = Period("all", 5, 0.0, None, 0.1, 0.1, {"recency": None, "frequency": None})
    said = words.over_time(ProgressiveResult([total], total, [], 0, 0))
    assert "how well the model ranks is unknown" in said
    assert "better" not in said


def texts(drawn: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn)


def test_what_triggers_bring_is_written_in_orders_and_in_money_each_on_an_axis_of_its_own() -> None:
    found = [
        Effect(outcome, 0.0, 0.0, Estimate(value, low, high), Estimate(value, low, high))
        for outcome, value, low, high in ((ORDERS, 0.031, -0.02, 0.08), (REVENUE, 12.5, -4.0, 1_250.0))
    ]
    section = triggers_section(
        [], ProgressiveResult([], None, [], 0, 0), {"winback": UpliftResult(30, 90, 90, None, found)},
        assumed_consent=False,
    )  # fmt: skip
    orders, money = re.findall(r"<svg.*?</svg>", section)
    assert texts(orders) == ["0", "+0.04", "+0.08", "winback: orders", "+0.031"]
    assert texts(money) == ["-500", "0", "+500", "+1,000", "+1,500", "winback: revenue", "+12.50"]
    assert not re.search("[0-9] %", orders + money)
    assert "In the shop's money" in section


@pytest.mark.parametrize(
    ("unit", "said", "written"), [("net_revenue", 310.2, "310.20"), ("days", 12.345, "12.3"), (None, 0.25, "25 %")]
)
def test_a_prediction_is_drawn_in_its_unit(unit: str | None, said: float, written: str) -> None:
    month = PredictionPeriod("2024-01", 9, said=said, happened=0.2)
    [drawn] = predictions_sections([PredictionResult("it", "amount", unit, [month], None, 0, 0)])
    assert f"said, 2024-01: {written}</title>" in drawn
