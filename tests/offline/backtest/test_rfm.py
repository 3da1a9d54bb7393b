"""RFM groups of a backtest: how many there were, and where they went."""

from typing import Any

from streamproc.events.times import DAY_MS, rfc3339
from streamproc.models.estimators.rfm_model import FREQUENCY, MONETARY, RECENCY, TENURE
from streamproc.models.kinds.rfm import RfmPrediction
from streamproc.models.releases.snapshots import pack
from streamproc.offline.backtest.report.rfm import rfm_section
from streamproc.offline.backtest.rfm import judge_rfm
from tests.builders import plan

RULES = plan(others={"rfm": {"sample_every_days": 10}})
DAY = 20_000


def card(day: int) -> dict[str, Any]:
    """Thresholds of 10, 20, 30 and 40 days, and of one order and one pound."""
    model = RfmPrediction().new_model()
    for days in (10.0, 20.0, 30.0, 40.0, 50.0):
        model.learn({RECENCY: days, FREQUENCY: 1.0, MONETARY: 1.0, TENURE: 1.0}, 0, 13)
    at = rfc3339(day * DAY_MS)
    released = pack(RfmPrediction().released(model))
    return {"model": "rfm", "version": f"rfm-{day}", "trained_through": at, "snapshot": released}


def sample(who: str, day: int, recency: float, orders: float = 1.0) -> dict[str, Any]:
    features = {RECENCY: recency, FREQUENCY: orders, MONETARY: 5.0, TENURE: 1.0}
    return {"type": "example", "model": "rfm", "subject": who, "asked_ms": day * DAY_MS, "features": features}


def test_groups_are_counted_in_rounds_and_moves_from_one_to_the_next() -> None:
    found = judge_rfm(
        [
            sample("ada", DAY - 10, 1),  # before the first version: nobody knows
            sample("ada", DAY + 1, 5, orders=3),
            sample("bob", DAY + 2, 5),
            {"type": "progress"},
            sample("ada", DAY + 11, 15, orders=3),
            sample("bob", DAY + 12, 60),
            sample("bob", DAY + 41, 60),  # not a whole round
            sample("ada", DAY + 31, 60, orders=3),  # a round was left out: that is no move
        ],
        [card(DAY), {"model": "churn"}],
        RULES,
        (DAY + 40) * DAY_MS,
    )
    assert [(each.since, each.groups) for each in found.periods] == [
        ("2024-10-04", {"champions": 1, "new": 1}),
        ("2024-10-14", {"champions": 1, "lost": 1}),
        ("2024-11-03", {"at_risk": 1}),
    ]
    assert found.moves == {"champions": {"champions": 1}, "new": {"lost": 1}}
    page = rfm_section(found)
    assert "In the last round 100 % of 1 customers were at_risk, the largest group; in the first round 0 % of 2" in page
    assert "<title>new, 2024-10-04: 1</title>" in page
    assert "<tr><td>new</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>100</td></tr>" in page


def test_without_a_version_or_without_samples_there_is_nothing_to_show() -> None:
    assert "no version of the thresholds was released" in rfm_section(judge_rfm([sample("a", 1, 1)], [], RULES, 0))
    assert rfm_section(judge_rfm([], [], plan(), 0)) == ""
