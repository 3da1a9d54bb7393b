"""The cards of released versions in the backtest: what each built on, who decided about it, and what it goes by."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from streamproc.events.log import GovernAction
from streamproc.events.topics import MODELS_TOPIC
from streamproc.offline.backtest.reading import messages
from streamproc.offline.backtest.released import AT_ONCE, WAITED, ReleasedModel, ReleasedVersion, released_models
from streamproc.offline.backtest.report.models import NEWEST, models_section
from streamproc.offline.replay.consent import assuming_consent
from streamproc.offline.replay.run import Options, replay
from tests.offline.backtest.shop import dumped, setup, some_orders

pytestmark = pytest.mark.slow  # they learn a year

Message = dict[str, object]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """What a replay of a small shop with the shipped configuration releases."""
    folder = tmp_path_factory.mktemp("shop")
    replay([dumped(folder, some_orders())], assuming_consent(setup()), folder / "out", Options())
    return list(messages(folder / "out", MODELS_TOPIC))


def churn_of(cards: Sequence[Message], *acts: Message) -> ReleasedModel:
    return {each.model: each for each in released_models(cards, acts, setup().plan.predictions)}["churn"]


def act(action: GovernAction, before: str, after: str | None, newest: str) -> Message:
    return {
        "model": "churn", "action": action, "by": "ada", "at": "2024-04-01T10:00:00Z", "reason": "it is too sure",
        "from_version": before, "to_version": after, "newest_version": newest, "frozen": action == "freeze",
        "signature": "",
    }  # fmt: skip


def test_each_version_names_the_one_that_it_builds_on_and_the_newest_its_weights(shop: list[Message]) -> None:
    found = churn_of(shop)
    assert [(each.version, each.parent) for each in found.versions] == [
        ("churn-000000500", None),
        ("churn-000001000", "churn-000000500"),
    ]
    assert found.counts == "churn-000001000"
    assert not found.frozen
    assert set(found.per_deviation) <= set(found.features)
    assert found.per_deviation["log_recency_weeks"] > 0  # who has not ordered for long leaves
    assert [each.fate for each in found.versions] == [AT_ONCE, AT_ONCE]


def test_what_was_decided_about_a_version_is_told_and_a_later_one_waited(shop: list[Message]) -> None:
    first, second = "churn-000000500", "churn-000001000"
    found = churn_of(shop, act("freeze", first, first, first))
    assert (found.counts, found.frozen) == (first, True)
    assert [each.fate for each in found.versions] == [AT_ONCE, WAITED]
    assert found.versions[0].acts == [f"2024-04-01T10:00 ada: freeze, {first} -> {first}: it is too sure"]
    page = models_section([found], None)
    assert f"{first} counts, and later releases wait" in page
    assert "ada: freeze" in page
    assert second in page


def test_a_model_s_card_has_data_examples_metrics_parameters_and_features_in_words(shop: list[Message]) -> None:
    page = models_section([churn_of(shop)], "2024-01-01T09:00:00Z")
    for said in (
        "2 versions were released; churn-000001000 counts",
        "learned from 1,000 examples, of what happened from 2024-01-01 to 2024-04-28",
        "roc_auc 0.63",
        "learner logistic_regression",
        "<td>log_recency_weeks</td>",
        "the more of it, the higher by far",
        "churn by version",
        "No weight was learned for",
    ):
        assert said in page


def test_a_model_of_offers_has_features_and_no_weights_of_its_own(shop: list[Message]) -> None:
    found = {each.model: each for each in released_models(shop, [], setup().plan.predictions)}["offer_reward"]
    assert found.per_deviation == {}
    assert "Features: log_orders" in models_section([found], None)


def test_of_many_versions_the_newest_are_rows_and_older_ones_about_which_something_was_decided() -> None:
    versions = [
        ReleasedVersion(f"v{number:02}", None, number, "2024-01-01", {}, {}, AT_ONCE, ["ada: freeze"] * (number == 1))
        for number in range(NEWEST + 4)
    ]
    page = models_section(
        [ReleasedModel("churn", "churn", None, frozen=False, features=[], per_deviation={}, versions=versions)], None
    )
    assert [number for number in range(NEWEST + 4) if f"<td>v{number:02}</td>" in page] == [1, *range(4, NEWEST + 4)]


def test_a_replay_that_released_nothing_has_no_section(tmp_path: Path) -> None:
    assert released_models(messages(tmp_path, MODELS_TOPIC), [], setup().plan.predictions) == []
    assert models_section([], None) == ""
