"""A prediction is a table of the configuration: of a known kind, or of one that is a file of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import pytest
from pydantic import ValidationError

from streamproc.customer.questions import Question
from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.events.decisions import Score
from streamproc.events.training import Example
from streamproc.models.config import MAX_PREDICTIONS, ModelSettings
from streamproc.models.estimators import logistic
from streamproc.models.estimators.frozen_logistic import FrozenLogistic
from streamproc.models.health.progressive import ProgressiveMetrics
from streamproc.models.kind import KINDS, AskedPrediction, Change
from streamproc.models.labels import Answer
from streamproc.models.releases.bank import ModelBank
from streamproc.models.scorer import Model
from tests.builders import CHURN, KEY, Shop, add, order, plan, release


@pytest.fixture
def buys() -> Iterator[None]:  # noqa: C901  the methods of a class are counted
    """A kind that is defined here and nowhere else: will who fills a cart buy?"""

    class Buys(AskedPrediction):
        kind: Literal["buys"]
        silence: ClassVar[int] = 0

        def asks(self, change: Change, *, is_due: bool) -> bool:
            return change.entry.event.type == "cart_added"

        def ask_due(self, customer: Customer, now_ms: int) -> int | None:
            return None

        def can_answer(self, change: Change) -> bool:
            return change.entry.event.type == "order_placed"

        def answers(self, asked: tuple[Question, ...], change: Change) -> tuple[Answer, ...]:
            return tuple([Answer(question, 1) for question in asked])

        def band(self, probability: float) -> str:
            return "likely" if probability > 0.5 else "unlikely"

        def new_model(self) -> Model:
            return logistic.new_model(0.1, 0.0)

        def learn(self, model: Model, features: Mapping[str, float], label: float) -> None:
            logistic.learn(model, features, label)

        def require(self, model: Model) -> Model:
            return logistic.require_logistic(model)

        def scorer(self, model: Model) -> FrozenLogistic:
            return FrozenLogistic.of(model)

        def new_metrics(self) -> ProgressiveMetrics:
            return ProgressiveMetrics()

        def parameters(self, model: Model) -> dict[str, float | int | str]:
            return {}

    yield
    del KINDS["buys"]


def with_models(**tables: dict[str, Any]) -> Plan:
    return replace(plan(), models=ModelSettings.model_validate(tables))


def told(shop: Shop) -> list[tuple[str, str]]:
    """Scores with their bands, in their order."""
    decisions = [decision for outcome in shop.outcomes for decision in outcome.decisions]
    return [(each.model, each.band) for each in decisions if isinstance(each, Score)]


def examples(shop: Shop) -> list[tuple[str, float]]:
    found: list[Example] = [example for outcome in shop.outcomes for example in outcome.examples]
    return [(each.model, each.label) for each in found]


@pytest.mark.usefixtures("buys")
def test_a_new_kind_is_asked_scored_and_answered_as_it_says() -> None:
    rules = with_models(churn=CHURN, buys={"features": ["log_orders"], "horizon_days": 2})
    bank = ModelBank(KEY, rules.predictions).with_release(release(rules.models["buys"], name="buys"))
    shop = Shop(rules, bank)
    shop.sees(add(), order(minutes=5), add(days=1))
    shop.mark(days=10)
    assert told(shop) == [("buys", "likely"), ("buys", "likely")]
    assert examples(shop) == [("buys", 1), ("buys", 0)]


def test_a_second_prediction_of_a_known_kind_has_questions_scores_and_timers_of_its_own() -> None:
    rules = with_models(churn=CHURN, churn_long={**CHURN, "kind": "churn", "horizon_days": 56, "lateness_hours": 0})
    bank = ModelBank(KEY, rules.predictions)
    for name in rules.predictions:
        bank = bank.with_release(release(rules.models[name], version=f"{name}-1", name=name))
    shop = Shop(rules, bank)
    shop.sees(order())
    assert told(shop) == [("churn", "medium"), ("churn_long", "medium")]
    shop.mark(days=29)
    assert examples(shop) == [("churn", 1)]
    shop.sees(order(days=40))
    assert [label for name, label in examples(shop) if name == "churn_long"] == [0] * 6
    assert set(shop.ada.scores) == {"churn", "churn_long"}


def test_another_kind_under_a_name_is_another_plan_and_the_own_one_need_not_be_said() -> None:
    assert with_models(churn={**CHURN, "kind": "churn"}).version == with_models(churn=CHURN).version
    assert with_models(risk={**CHURN, "kind": "churn"}).version != with_models(churn=CHURN).version


def test_a_kind_that_there_is_not_is_a_mistake_at_its_table() -> None:
    with pytest.raises(ValidationError, match="no prediction kind 'chrun'; did you mean 'churn'"):
        with_models(chrun=CHURN)


def test_predictions_are_as_many_as_a_state_has_room_for() -> None:
    tables = {f"churn_{number}": {**CHURN, "kind": "churn"} for number in range(MAX_PREDICTIONS + 1)}
    with pytest.raises(ValidationError, match="17 predictions are too many"):
        with_models(**tables)
