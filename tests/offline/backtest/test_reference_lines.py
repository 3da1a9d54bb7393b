"""Online Retail gives the reference numbers of docs/semantics.md: clearly above them means that the future leaked."""

from datetime import date
from pathlib import Path

import pytest

from streamproc.offline.backtest.churn import ChurnResult
from streamproc.offline.backtest.cut import Cut
from streamproc.offline.backtest.golden import Golden
from streamproc.offline.backtest.run import Questions, Result, backtest
from streamproc.offline.tables.importing import ImportReport
from tests.offline.backtest.shop import ROOT, setup

DAILY = ROOT / "data" / "golden" / "online_retail_daily.csv"
COLUMNS = {
    "orders": "valid_orders",
    "customers": "valid_customers",
    "revenue": "valid_revenue",
    "net_revenue": "net_revenue_all_rows",
}


@pytest.fixture(scope="module")
def result(whole_year: tuple[Path, ImportReport], tmp_path_factory: pytest.TempPathFactory) -> Result:
    questions = Questions(
        cuts=[Cut(date(2011, 11, 11), 28), Cut(date(2011, 9, 9), 91)],
        goldens=[Golden(kpi, DAILY, column) for kpi, column in COLUMNS.items()],
        jobs=2,
    )
    return backtest([whole_year[0]], setup(), questions, tmp_path_factory.mktemp("backtest"))


def numbers_of(churn: ChurnResult) -> tuple[int, float, float, float]:
    assert churn.recency.value is not None
    assert churn.frequency.value is not None
    assert churn.churn_rate is not None
    rate, recency, frequency = churn.churn_rate, churn.recency.value, churn.frequency.value
    return churn.customers, round(rate, 3), round(recency, 3), round(frequency, 3)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_customers_churn_rate_and_simple_rules_are_those_of_the_reference(result: Result) -> None:
    assert numbers_of(result.churn[0]) == (4_112, 0.684, 0.677, 0.722)
    assert numbers_of(result.churn[1]) == (3_370, 0.43, 0.683, 0.723)


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("cut", "reference"), [(0, 0.735), (1, 0.737)])
def test_the_model_s_auc_is_the_reference_s_within_the_interval(result: Result, cut: int, reference: float) -> None:
    auc = result.churn[cut].auc
    assert auc.low is not None
    assert auc.high is not None
    assert auc.low < reference < auc.high


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_scores_while_learning_are_better_than_the_simple_rules(result: Result) -> None:
    total = result.scores.total
    assert total is not None
    assert total.auc is not None
    assert all(total.auc > (baseline or 0) for baseline in total.baselines.values())


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_rankings_have_the_reference_lines(result: Result) -> None:
    popular, personal, *_ = result.ranking
    assert popular.baskets == 2_556
    assert popular.hit == pytest.approx(0.377, abs=0.01)
    assert popular.recall == pytest.approx(0.036, abs=0.01)
    assert personal.hit == pytest.approx(0.674, abs=0.01)
    assert personal.recall == pytest.approx(0.157, abs=0.01)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_the_model_s_suggestions_find_more_than_the_best_simple_ones(result: Result) -> None:
    model = result.ranking[-1]
    assert model.hit == pytest.approx(0.768, abs=0.01)
    assert model.recall == pytest.approx(0.197, abs=0.005)
    assert all(gain.gain.low is not None and gain.gain.low > 0 for gain in result.ranking_gains)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_every_day_s_kpis_are_golden(result: Result) -> None:
    assert [(each.kpi, each.days, each.differences) for each in result.golden] == [(kpi, 305, []) for kpi in COLUMNS]


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_every_version_that_was_released_has_a_card_and_builds_on_the_one_before_it(result: Result) -> None:
    assert sum(len(model.versions) for model in result.models) == result.model_versions
    for model in result.models:
        names = [version.version for version in model.versions]
        assert [version.parent for version in model.versions] == [None, *names[:-1]]
        assert model.counts == names[-1]
