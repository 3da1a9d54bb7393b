"""RFM: who is looked at when, what versions change, and the groups."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.customer.features import Features
from streamproc.customer.profile_settings import ProfileSettings
from streamproc.customer.rfm import DEFAULT_RFM, RfmScores, RfmSettings
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.view import CustomerView
from streamproc.decide.plan import Plan
from streamproc.events.log import ModelReleased
from streamproc.events.money import MICROS
from streamproc.events.times import DAY_MS
from streamproc.models.figures_kind import SampledPrediction
from streamproc.models.kinds.rfm import RfmPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import KEY, NOON, Shop, at_ms, backfilled, erasure, folded, order, plan, refund, view

RFM = RfmPrediction()
RULES = plan(others={"rfm": {"sample_every_days": 10}})
FIFTHS = ShopFigures(
    "v1",
    tuple(days * DAY_MS for days in (10, 20, 30, 40)),
    (1, 2, 3, 4),
    tuple(MICROS * p for p in (5, 15, 25, 35)),
    2,
    1,
)


def features(*events: object, days: float = 0, rules: Plan = RULES) -> Features:
    return Features(CustomerView(folded(*events), at_ms(days=days), FIFTHS), rules.functions)  # type: ignore[arg-type]


def released(version: str = "rfm-1", key: bytes = KEY) -> ModelReleased:
    snapshot = pack(RFM.released(RFM.new_model()))
    return ModelReleased(
        model="rfm", version=version, snapshot=snapshot, signature=sign("rfm", version, snapshot, key),
        trained_through=NOON, examples=1,
    )  # fmt: skip


def samples(shop: Shop) -> list[tuple[int, float]]:
    told = [each for outcome in shop.outcomes for each in outcome.examples if each.model == "rfm"]
    return [(each.asked_ms, each.features["days_since_last_order"]) for each in told]


def test_who_has_ordered_is_looked_at_on_a_day_of_their_own_for_a_year() -> None:
    shop = Shop(RULES)
    shop.sees(view(), order(days=1))
    shop.mark(days=1000)
    moments = [at for at, _ in samples(shop)]
    assert {later - earlier for earlier, later in pairwise(moments)} == {10 * DAY_MS}
    assert len(moments) in (36, 37)
    assert all(round(days, 3) == round((at - at_ms(days=1)) / DAY_MS, 3) for at, days in samples(shop))
    assert "sample:rfm" not in shop.ada.timers


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20), st.integers(0, 10**12))
def test_the_next_look_is_within_the_days_and_the_same_whenever_it_is_asked(numbers: list[int], now_ms: int) -> None:
    prediction: SampledPrediction = RULES.sampled["rfm"]
    for own in numbers:
        due = prediction.sample_due(own, now_ms)
        assert now_ms < due <= now_ms + 10 * DAY_MS
        assert prediction.sample_due(own, due - 1) == due
        assert prediction.sample_due(own, due) == due + 10 * DAY_MS


def test_visitors_history_and_the_erased_are_not_looked_at() -> None:
    shop = Shop(RULES)
    shop.sees(view())
    shop.steps(backfilled(order(days=-300)))
    shop.mark(days=0.1)
    assert all(due > at_ms() for due in shop.ada.timers.values())
    shop.sees(erasure(days=1))
    shop.mark(days=100)
    assert "sample:rfm" not in shop.ada.timers
    assert all(at < at_ms(days=1) for at, _ in samples(shop))


def test_scores_are_by_the_thresholds_and_equals_are_together() -> None:
    found = features(order(order_id="o1"), order(order_id="o2", days=1), refund("o1", pounds=5, days=2), days=12)
    assert [found[name] for name in ("rfm_recency", "rfm_frequency", "rfm_monetary")] == [4, 2, 2]
    assert found.text("rfm_group") == "potential"


def test_nothing_is_known_before_a_release_and_of_who_never_ordered() -> None:
    assert features(view()).text("rfm_group") == ""
    before = Features(CustomerView(folded(order()), at_ms()), RULES.functions)
    assert [before[name] for name in ("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_group")] == [0, 0, 0, 0]


def test_a_release_counts_from_its_place_in_the_log_on_and_can_be_taken_back() -> None:
    bank = ModelBank(KEY, RULES.predictions)
    assert bank.figures is None
    after = bank.with_release(released())
    assert after.figures is not None
    assert after.figures.version == "rfm-1"
    assert after.without("churn").figures == after.figures
    assert after.without("rfm").figures is None
    with pytest.raises(SnapshotError):
        bank.with_release(released(key=b"somebody else's key"))


def test_who_is_scored_by_a_new_version_changes_segments_when_they_are_looked_at_next() -> None:
    best = {"name": "best", "where": [{"feature": "rfm_recency", "equals": 5}]}
    shop = Shop(plan(segments=[best], others={"rfm": {"sample_every_days": 10}}))
    shop.sees(order())
    shop.bank = replace(shop.bank, figures=FIFTHS)
    assert not shop.ada.segments
    shop.mark(days=9.99)
    assert list(shop.ada.segments) == ["best"]


def test_every_customer_finds_a_group() -> None:
    assert len(DEFAULT_RFM.group_of) == 5**3
    assert DEFAULT_RFM.group_of[RfmScores(5, 5, 5)] == "champions"
    assert DEFAULT_RFM.group_of[RfmScores(5, 1, 3)] == "new"
    assert DEFAULT_RFM.group_of[RfmScores(1, 1, 5)] == "lost"
    with pytest.raises(ValidationError, match="who has recency 1, frequency 1, monetary 1 is of no group"):
        RfmSettings.model_validate({"group": [{"name": "good", "recency": [2, 5]}]})


def test_a_shop_s_own_groups_count_and_are_another_plan() -> None:
    own = ProfileSettings.model_validate({"rfm": {"group": [{"name": "all_of_them"}]}})
    rules = replace(RULES, profile=own)
    assert features(order(), rules=rules).text("rfm_group") == "all_of_them"
    assert rules.version != RULES.version
    assert rules.groups_version != RULES.groups_version


@pytest.mark.parametrize(
    "wrong",
    [
        {"feature": "rfm_group", "above": 2},
        {"feature": "rfm_group", "equals": 2},
        {"feature": "orders_total", "equals": "two"},
        {"feature": "orders_total", "one_of": [1, 2]},
    ],
)
def test_names_are_compared_with_names_and_numbers_with_numbers(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"says names|is a number"):
        plan(segments=[{"name": "s", "where": [wrong]}])
