"""What the shop's customers are like: sketches of fifths, and what is released of them."""

from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamproc.customer.shop_figures import fifth
from streamproc.events.times import DAY_MS
from streamproc.events.training import Example
from streamproc.models.estimators.rfm_model import FREQUENCY, MONETARY, RECENCY, TENURE, RfmModel
from streamproc.models.kinds import Prediction
from streamproc.models.kinds.rfm import RfmPrediction
from streamproc.models.releases.snapshots import pack, unpack
from streamproc.models.sketch import ACCURACY, QuantileSketch
from streamproc.models.snapshot_error import SnapshotError

RFM = RfmPrediction()
amounts = st.lists(st.integers(1, 5) | st.floats(0.02, 1e9), min_size=1, max_size=60)


def sample(values: dict[str, float], at_day: int = 0) -> Example:
    known = {RECENCY: 10.0, FREQUENCY: 1.0, MONETARY: 20.0, TENURE: 26.0} | values
    at_ms = at_day * DAY_MS
    return Example("rfm", str(at_day), at_ms, at_ms, known, known[MONETARY], None, None)


def learned(*samples: Example) -> RfmModel:
    model, health = RFM.new_model(), RFM.new_metrics()
    assert all(RFM.teach(model, health, each) for each in samples)
    return model


@given(amounts, st.sampled_from([0.2, 0.4, 0.5, 0.6, 0.8]))
def test_a_quantile_is_within_one_in_a_hundred_whatever_the_order(numbers: list[float], share: float) -> None:
    one, other = QuantileSketch(), QuantileSketch()
    for number in numbers:
        one.add(number)
    for number in reversed(numbers):
        other.add(number)
    exact = sorted(numbers)[max(0, ceil(share * len(numbers) - 1e-9) - 1)]
    assert exact * (1 - 1e-9) <= one.quantile(share) <= exact * (1 + 2.1 * ACCURACY)
    assert one.quantile(share) == other.quantile(share)


def test_what_was_counted_long_ago_counts_less() -> None:
    model = learned(*[sample({MONETARY: 1.0})] * 100, *[sample({MONETARY: 100.0}, at_day=364)] * 50)
    assert RFM.released(model).thresholds[MONETARY][0] > 90_000_000


def test_who_bought_once_is_together_in_one_fifth() -> None:
    counts = [1.0] * 65 + [2.0] * 20 + [3.0] * 10 + [9.0] * 5
    figures = RFM.figures(RFM.released(learned(*[sample({FREQUENCY: count}) for count in counts])), "rfm-1")
    assert [fifth(orders, figures.orders) for orders in (1, 2, 3, 9)] == [1, 4, 5, 5]


def test_a_released_version_comes_back_as_it_was() -> None:
    model = learned(*(sample({RECENCY: float(days), MONETARY: 3.5 * days}) for days in range(100)))
    released = RFM.released(model)
    assert RFM.figures(unpack(pack(released), RFM), "v") == RFM.figures(released, "v")
    assert vars(RFM.released(unpack(pack(model), RFM))) == vars(released)
    with pytest.raises(SnapshotError):
        RFM.figures(model, "v")


def test_what_is_said_of_a_customer_s_year_needs_a_year() -> None:
    figures = RFM.figures(RFM.released(learned(sample({FREQUENCY: 3.0, TENURE: 26.0, MONETARY: 60.0}))), "v")
    assert (round(figures.repeats_per_year, 2), figures.order_micros) == (4.01, 20_000_000)


@pytest.mark.parametrize("wrong", [{"features": ["log_orders"]}, {"lateness_hours": 3}, {"horizon_days": 7}])
def test_keys_of_questions_hurt(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Prediction.read({"kind": "rfm"} | wrong)
