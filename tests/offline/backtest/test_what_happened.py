"""Rankings, triggers, offers and KPIs, judged by what customers did next."""

from pathlib import Path
from typing import Any

import pytest

from streamproc.decide.offer_rule import OfferRule
from streamproc.events.times import rfc3339
from streamproc.offline.backtest.asked import churn_of
from streamproc.offline.backtest.golden import Difference, Golden, GoldenError, compare
from streamproc.offline.backtest.offers import judge_offers
from streamproc.offline.backtest.progressive import judge_scores
from streamproc.offline.backtest.ranking import RankingResult, judge_ranking
from streamproc.offline.backtest.triggers import judge_triggers, share
from tests.offline.backtest.shop import behaviour, ms, setup


def test_a_basket_is_scored_before_it_is_learned() -> None:
    lines = judge_ranking(behaviour((1, "ada", ("a",)), (2, "ada", ("a", "b")), (3, "bob", ("c",))), ms(0)).lines
    popular, personal, _, _, model = lines
    assert popular.baskets == 3
    assert popular.hit == pytest.approx(1 / 3)  # ada's second basket only
    assert personal.recall == model.recall == pytest.approx((0 + 1 / 2 + 0) / 3)


def test_own_products_come_before_popular_ones() -> None:
    crowd = [(float(number), f"c{number}", tuple(f"p{n}" for n in range(10))) for number in range(5)]
    lines = judge_ranking(behaviour(*crowd, (6, "ada", ("own",)), (7, "ada", ("own",))), ms(6.5)).lines
    assert [line.hit for line in lines] == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_baskets_before_the_first_day_are_only_learned() -> None:
    assert judge_ranking(behaviour((1, "ada", ("a",)), (2, "ada", ("a",))), ms(1.5)).lines[0].baskets == 1


def test_without_a_basket_to_judge_there_is_no_line() -> None:
    assert judge_ranking(behaviour((1, "ada", ("a",))), ms(2)) == RankingResult()


def test_the_model_s_gain_is_over_the_best_simple_way_on_the_same_baskets() -> None:
    orders = [(float(n), f"c{n % 40}", ("milk", f"sofa{n % 9}")) for n in range(400)]
    judged = judge_ranking(behaviour(*orders), ms(200))
    *simple, released, model = judged.lines
    assert (released.ranking, model.ranking) == ("its released copies", "the model")
    for gain, of_model, best in zip(
        judged.gains,
        (model.hit, model.recall),
        (max(line.hit for line in simple), max(line.recall for line in simple)),
        strict=True,
    ):
        assert gain.gain.value == pytest.approx(of_model - best)
        assert gain.gain.low is not None
    assert model.recall_low is not None
    assert model.recall_high is not None
    assert model.recall_low <= model.recall <= model.recall_high


def test_of_few_customers_nothing_is_sure() -> None:
    judged = judge_ranking(behaviour(*[(float(n), f"c{n % 3}", ("tea",)) for n in range(30)]), ms(0))
    assert judged.lines[-1].hit_low is None
    assert all(gain.gain.low is None for gain in judged.gains)


def message(day: float, customer: str = "ada", **fields: Any) -> dict[str, Any]:
    return {"trigger": "hello", "customer_id": customer, "at": rfc3339(ms(day)), **fields}


def test_what_customers_did_next_is_counted_where_the_log_goes_on_long_enough() -> None:
    sent = [message(1), message(10), message(95)]
    refused = [message(1, "bob", reason="no_consent"), message(2, "bob", reason="cool_down")]
    [rule] = judge_triggers(sent, refused, behaviour((3, "ada", ("a",)), (10, "ada", ("a",)), through=100))
    assert (rule.sent, rule.refused, rule.reasons) == (3, 2, {"no_consent": 1, "cool_down": 1})
    assert rule.by_day == {"2024-01-02": 1, "2024-01-11": 1, "2024-04-05": 1}
    assert [(next_.days, next_.cases, next_.ordered.value) for next_ in rule.after_messages] == [
        (1, 3, 0.0),
        (7, 2, 0.5),
        (28, 2, 0.5),
    ]  # the order at the very moment of a message is its cause, not what came of it


def test_a_share_of_nothing_is_unknown_and_of_few_is_unsure() -> None:
    assert share(0, 0).value is None
    assert share(0, 3).high == pytest.approx(0.5615, abs=1e-4)


def offered(day: float, offer: str, customer: str = "ada") -> dict[str, Any]:
    chances = {"gift": 0.75, "ship": 0.25}
    return {
        "offer_id": offer,
        "customer_id": customer,
        "at": rfc3339(ms(day)),
        "propensity": chances[offer],
        "candidates": chances,
    }


def test_an_order_within_the_window_rewards_an_offer() -> None:
    decisions = [offered(1, "gift"), offered(30, "ship"), offered(990, "gift")]
    result = judge_offers(decisions, [], behaviour((5, "ada", ("a",)), (60, "ada", ("a",))), reward_days=14)
    assert result.chosen == {"gift": 2, "ship": 1}
    assert result.judged == {"gift": 1, "ship": 1}  # the last one's window is not over
    assert result.rewarded == {"gift": 1, "ship": 0}
    assert all(value.refused for value in result.policies)


def test_an_offer_of_products_is_rewarded_by_these() -> None:
    rules = [OfferRule(id="gift", content="-", skus=("vase",))]
    orders = behaviour((5, "ada", ("mug",)), (25, "ada", ("vase",)))
    result = judge_offers([offered(1, "gift"), offered(20, "gift")], rules, orders, reward_days=14)
    assert result.rewarded == {"gift": 1}


def test_other_policies_are_valued_from_the_logged_chances() -> None:
    decisions = [offered(day, "gift" if day % 4 else "ship", f"c{day}") for day in range(800)]
    orders = [(day + 0.5, f"c{day}", ("a",)) for day in range(800) if day % 4 == 0]
    rules = [OfferRule(id="ship", content="-", expected_reward=2.0), OfferRule(id="gift", content="-")]
    result = judge_offers(decisions, rules, behaviour(*orders), reward_days=1)
    values = {value.policy: value.snips.value for value in result.policies if value.snips}
    assert values == pytest.approx(
        {
            "as logged": 0.25,
            "always the best by expected_reward": 1.0,
            "at random": 0.5,
            "gift whenever possible": 0.0,
            "ship whenever possible": 1.0,
        }
    )


def example(asked: float, label: int, score: float | None) -> dict[str, Any]:
    features = {"log_recency_weeks": float(label), "log_orders": float(label)}
    return {
        "type": "example",
        "model": "churn",
        "asked_ms": ms(asked),
        "label": label,
        "score": score,
        "features": features,
    }


def test_scores_are_judged_by_month_and_only_where_every_answer_is_due() -> None:
    examples = [example(1, 0, 0.2), example(2, 1, 0.9), example(40, 1, None), example(90, 0, 0.1), {"type": "progress"}]
    result = judge_scores(examples, churn_of(setup().plan.predictions), ms(100))
    [january] = result.months
    assert (january.period, january.questions, january.auc, january.churn_rate) == ("2024-01", 2, 1.0, 0.5)
    assert january.baselines == {"recency": 1.0, "frequency": 0.0}
    assert (result.not_scored, result.not_yet_due) == (1, 1)


def kpi(day: str, value: float | None, revision: int = 0, unit: str = "count") -> dict[str, Any]:
    return {
        "kpi": "sales",
        "window": "day",
        "dimensions": {},
        "start": f"{day}T00:00:00Z",
        "value": value,
        "revision": revision,
        "unit": unit,
        "denominator": 1 if unit == "ratio" else None,
    }


def test_the_newest_kpi_of_a_day_is_compared_with_the_golden_file(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("day,x\n2024-01-01,5\n2024-01-02,7\n2024-01-03,\n", encoding="utf-8")
    said = [kpi("2024-01-01", 4), kpi("2024-01-01", 5, 1), kpi("2024-01-02", 8), kpi("2024-01-04", 1)]
    result = compare(Golden("sales", tmp_path / "g.csv", "x"), said)
    assert result.days == 2
    assert result.differences == [Difference("2024-01-02", 8, 7), Difference("2024-01-04", 1, None)]


def test_a_day_without_kpi_is_0_of_what_is_counted_and_unknown_of_a_ratio(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("day,x\n2024-01-01,0\n2024-01-02,0.5\n2024-01-03,0.0\n", encoding="utf-8")
    golden = Golden("sales", tmp_path / "g.csv", "x")
    of_ratios = compare(golden, [kpi("2024-01-01", None, unit="ratio"), kpi("2024-01-02", 0.5, unit="ratio")])
    assert of_ratios.differences == [Difference("2024-01-01", None, 0), Difference("2024-01-03", None, 0)]
    assert compare(golden, [kpi("2024-01-02", 0.5)]).differences == []


def test_a_blank_day_of_a_golden_file_is_unknown_and_not_0(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("day,x\n2024-01-01,\n2024-01-02,7\n", encoding="utf-8")
    result = compare(Golden("sales", tmp_path / "g.csv", "x"), [kpi("2024-01-01", 5), kpi("2024-01-02", 7)])
    assert (result.days, result.differences) == (1, [Difference("2024-01-01", 5, None)])


def test_money_is_compared_to_the_cents_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("day,x\n2024-01-01,5.01\n", encoding="utf-8")
    golden = Golden("sales", tmp_path / "g.csv", "x")
    assert compare(golden, [kpi("2024-01-01", 5_014_000, unit="micros")]).differences == []
    assert len(compare(golden, [kpi("2024-01-01", 5_016_000, unit="micros")]).differences) == 1


@pytest.mark.parametrize("text", ["sales", "sales=file.csv", "=file.csv:x", "sales=:x"])
def test_a_golden_option_that_is_none_says_how_to_write_it(text: str) -> None:
    with pytest.raises(GoldenError, match=r"write KPI=FILE\.csv:COLUMN"):
        Golden.of(text)


def test_a_golden_file_without_the_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("day,x\n", encoding="utf-8")
    with pytest.raises(GoldenError, match="there are: day, x"):
        compare(Golden("sales", tmp_path / "g.csv", "y"), [])
