"""The kind uplift: who is asked, what is learned of both arms, and that no score is given out before it is good."""

from typing import Any

import pytest

from streamproc.customer.folds.uniting import united
from streamproc.decide.plan import Plan
from streamproc.events.decisions import Forecast, Suppression, Trigger
from streamproc.events.log import ModelReleased
from streamproc.events.training import Example
from streamproc.models.estimators.uplift_model import ReleasedUplift, UpliftModel, require_uplift
from streamproc.models.health.uplift_metrics import FEWEST, UpliftMetrics
from streamproc.models.kinds.uplift import UpliftPrediction
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign, unpack
from streamproc.models.snapshot_error import SnapshotError
from tests.builders import KEY, NOON, Shop, abandoned_cart, add, at_ms, identified, on_order, order, plan, sent_by
from tests.models.uplift_shop import SHOPS, UPLIFT, learned

HALF = {"holdout": {"percent": 15, "salt": "half"}}
FEATURES = ["log_orders", "cart_lines"]
CART: dict[str, Any] = {
    "kind": "uplift", "trigger": "cart", "event": "order_placed", "horizon_days": 7, "features": FEATURES
}  # fmt: skip


def filled(**changes: Any) -> dict[str, Any]:
    """A trigger that wants to send with each cart that is filled."""
    return {"name": "cart", "kind": "event", "on": ["cart_added"], "cool_down_hours": 0} | changes


def asking(*triggers: dict[str, Any], policy: dict[str, Any] = HALF, **changes: Any) -> Plan:
    return plan(*(triggers or (filled(),)), policy=policy, others={"persuadable": {**CART, **changes}})


def held_out_names(rules: Plan, *, held_out: bool) -> list[str]:
    return [name for name in (f"c{n}" for n in range(400)) if rules.policy.holdout.has(f"c/{name}") == held_out]


def examples(shop: Shop) -> list[Example]:
    return [each for outcome in shop.outcomes for each in outcome.examples if each.model == "persuadable"]


def forecasts(shop: Shop) -> list[Forecast]:
    return [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, Forecast)]


def with_version(rules: Plan, *, carries: bool, average: float = 0.25, version: str = "persuadable-1") -> ModelBank:
    """A version that says the same of everybody."""
    prediction = rules.models["persuadable"]
    model = prediction.new_model()
    released = ReleasedUplift(model, 100)
    released.average, released.carries = average, carries
    snapshot = pack(released)
    return ModelBank(KEY, rules.predictions).with_release(signed(snapshot, version))


def signed(snapshot: str, version: str) -> Any:
    return ModelReleased(
        model="persuadable", version=version, snapshot=snapshot, trained_through=NOON, examples=30,
        signature=sign("persuadable", version, snapshot, KEY),
    )  # fmt: skip


def test_treated_and_held_out_are_asked_at_the_same_moment_with_what_was_known_before() -> None:
    rules = asking()
    shop = Shop(rules)
    treated, held_out = (held_out_names(rules, held_out=each)[0] for each in (False, True))
    for name in (treated, held_out):
        shop.sees(order(customer_id=name), add(customer_id=name, days=1), order(customer_id=name, days=2))
    shop.mark(days=20)
    assert sent_by(shop.outcomes) == ["cart"]
    found = {each.held_out: each for each in examples(shop)}
    assert {(each.asked_ms, each.label, each.treated) for each in found.values()} == {
        (at_ms(days=1), 1, True), (at_ms(days=1), 1, False)
    }  # fmt: skip
    assert found[True].features == found[False].features | {"held_out": 1.0}
    assert found[True].features["cart_lines"] == 1


def test_each_customer_is_asked_once_at_the_first_occasion() -> None:
    shop = Shop(asking())
    shop.sees(*[add(days=each, customer_id=f"c{number}") for number in range(20) for each in (0, 9, 30)])
    shop.mark(days=60)
    assert sorted(each.asked_ms for each in examples(shop)) == [at_ms()] * 20


def test_whom_a_rule_before_the_holdout_refuses_is_not_asked_and_whom_a_later_one_refuses_is() -> None:
    shop = Shop(asking(policy={"consent": {"marketing": "deny"}, **HALF}))
    shop.sees(identified(), add(minutes=1))
    capped = Shop(asking(policy={"cap": [{"name": "none", "limit": 0, "hours": 1}], "holdout": {"percent": 0}}))
    capped.sees(add())
    for each, asked in ((shop, 0), (capped, 1)):
        each.mark(days=20)
        assert not sent_by(each.outcomes)
        assert len(examples(each)) == asked


def test_who_is_not_eligible_is_asked_nothing_held_out_or_not() -> None:
    rules = asking(filled(eligible=[{"feature": "orders_total", "at_least": 1}]))
    shop = Shop(rules)
    shop.sees(*[add(customer_id=f"c{number}") for number in range(40)])
    shop.mark(days=20)
    assert examples(shop) == []
    shop.sees(order(days=21, customer_id="c1"), add(days=22, customer_id="c1"))
    shop.mark(days=40)
    assert [each.asked_ms for each in examples(shop)] == [at_ms(days=22)]


def test_visitors_and_messages_of_other_triggers_are_not_asked_about() -> None:
    shop = Shop(asking(filled(), on_order()))
    shop.sees(add(customer_id=None, anonymous_id="v"), order(minutes=5))
    shop.mark(days=20)
    assert examples(shop) == []


def test_an_occasion_that_is_told_late_asks_nothing_since_later_events_are_known_and_is_the_first() -> None:
    shop = Shop(asking())
    shop.sees(order(days=1), add(hours=20), add(days=2))
    shop.mark(days=30)
    assert sent_by(shop.outcomes) == ["cart", "cart"]
    assert examples(shop) == []


def test_a_visitor_who_becomes_known_has_had_the_first_occasion() -> None:
    shop = Shop(asking(policy={"holdout": {"percent": 0}}))
    shop.sees(add(customer_id=None, anonymous_id="v"))
    assert shop.customers["a/v"].occasions == {"cart": at_ms()}


def test_a_version_whose_scores_are_not_good_enough_is_judged_and_says_nothing() -> None:
    rules = asking()
    shop = Shop(rules, with_version(rules, carries=False))
    shop.sees(add())
    shop.mark(days=20)
    assert forecasts(shop) == []
    assert "persuadable" not in shop.ada.scores
    assert [(each.score, each.model_version) for each in examples(shop)] == [(0.25, "persuadable-1")]


def test_a_score_is_given_out_before_it_is_decided_and_the_trigger_can_ask_for_it() -> None:
    persuadable = {"score": "persuadable", "at_least": 0.02}
    rules = asking(filled(eligible=[persuadable]), policy={"holdout": {"percent": 0}})
    shop = Shop(rules, with_version(rules, carries=True))
    shop.sees(add())
    [said] = forecasts(shop)
    assert (said.value, said.unit, said.band, said.horizon_days) == (0.25, "uplift", "persuadable", 7)
    assert sent_by(shop.outcomes) == ["cart"]
    others = Shop(rules, with_version(rules, carries=True, average=-0.25))
    others.sees(add())
    assert [each.band for each in forecasts(others)] == ["sleeping_dog"]
    assert sent_by(others.outcomes) == []
    assert [each.reason for each in others.outcomes[0].decisions if isinstance(each, Suppression)] == ["not_eligible"]


def test_a_score_that_is_not_good_any_more_is_not_known_any_more() -> None:
    rules = asking()
    shop = Shop(rules, with_version(rules, carries=True))
    shop.sees(add())
    assert shop.ada.scores["persuadable"].value == 0.25
    shop.bank = with_version(rules, carries=False, version="persuadable-2")
    shop.sees(add(days=1))
    assert "persuadable" not in shop.ada.scores


def test_a_score_that_is_as_it_was_is_not_told_again() -> None:
    rules = asking()
    shop = Shop(rules, with_version(rules, carries=True))
    shop.sees(add(), add(minutes=1), add(minutes=2))
    assert len(forecasts(shop)) == 1


def test_a_trigger_that_stays_armed_and_is_put_off_is_asked_about_once() -> None:
    quiet = {"quiet_hours": {"begin": "00:00", "end": "23:00"}, "holdout": {"percent": 0}}
    shop = Shop(asking(abandoned_cart(name="cart"), policy=quiet))
    shop.sees(add())
    shop.mark(hours=2)
    shop.sees(add(days=3))
    shop.mark(days=30)
    assert [each.asked_ms for each in examples(shop)] == [at_ms(hours=1)]
    assert [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, Trigger)]


def test_two_who_become_one_have_had_their_first_occasion() -> None:
    shop = Shop(asking())
    shop.sees(add(), add(customer_id="bo", days=1))
    both = united(shop.customers["c/ada"], shop.customers["c/bo"], {})
    assert both.occasions == {"cart": at_ms()}


def test_what_is_learned_is_the_difference_of_both() -> None:
    model, _ = learned("third", seed=1, customers=12_000)
    scorer = UPLIFT.scorer(unpack(pack(UPLIFT.released(model)), UPLIFT))
    persuadable, sure_thing, lost_cause = (
        scorer.score({"log_orders": orders, "log_recency_weeks": weeks}) for orders, weeks in SHOPS["third"].centres
    )
    assert persuadable.value > 0.1
    assert max(sure_thing.value, lost_cause.value) < persuadable.value - 0.05
    assert "-log_orders" in sure_thing.reasons
    assert set(scorer.per_deviation()) == set(UPLIFT.features)


def test_a_difference_that_few_held_out_tell_is_taken_for_none() -> None:
    model = UpliftModel(["log_orders"])
    for number in range(1_000):
        model.learn({"log_orders": number % 5}, float(number % 5 > 2), held_out=False)
    for number in range(5):
        model.learn({"log_orders": number}, 0.5, held_out=True)
    released = ReleasedUplift(model, 100)
    assert abs(released.weights[0]) < 0.03


def test_without_both_arms_nothing_is_known() -> None:
    model = UpliftModel(["log_orders"])
    model.learn({"log_orders": 1.0}, 1.0, held_out=False)
    assert UPLIFT.scorer(ReleasedUplift(model, 100)).score({"log_orders": 5.0}).value == 0


def test_a_model_goes_on_as_if_it_had_never_been_away() -> None:
    one, _ = learned("third", seed=3, customers=50)
    other = unpack(pack(one), UPLIFT)
    for model in (one, other):
        UPLIFT.learn(model, dict.fromkeys(UPLIFT.features, 1.5) | {"held_out": 1.0}, 1)
    assert pack(one) == pack(other)
    assert UPLIFT.scorer(one) == UPLIFT.scorer(ReleasedUplift(other, UPLIFT.ridge))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"features": ["log_orders", "log_orders"]}, "each once"),
        ({"features": ["no_such"]}, "features that this release does not have: no_such"),
        ({"means": [0.0, 0.0]}, "not a number for each"),
        ({"average": float("nan")}, "not finite"),
    ],
)
def test_what_cannot_be_used_says_why(change: dict[str, Any], says: str) -> None:
    released = ReleasedUplift(UpliftModel(["log_orders"]), 100)
    vars(released).update(change)
    with pytest.raises(SnapshotError, match=says):
        require_uplift(released)


def test_a_card_says_the_effect_and_nothing_of_the_scores_while_there_are_few() -> None:
    health = UpliftMetrics()
    for number in range(200):
        health.observe(an_example(number, held_out=number % 4 == 0, label=number % 2, score=0.1))
    found = health.values()
    assert (found["treated"], found["held_out"], found["scored"]) == (150, 50, 200)
    assert FEWEST > 50
    assert "qini" not in found
    assert found["gives_scores"] == 0
    assert found["effect_low"] < found["effect"] < found["effect_high"]


def an_example(number: int, *, held_out: bool, label: int, score: float | None) -> Example:
    return Example(
        model="persuadable", subject=f"{number * 7919:016x}", asked_ms=0, answered_ms=1, features={}, label=label,
        score=score, model_version=None if score is None else "v", treated=not held_out, held_out=held_out,
    )  # fmt: skip


def test_uplift_is_a_kind_whose_answer_is_yes_or_no_and_whose_score_is_a_number() -> None:
    assert isinstance(UPLIFT, UpliftPrediction)
    assert (UPLIFT.unit, UPLIFT.answers_are_numbers) == ("uplift", False)
    assert [UPLIFT.band(each) for each in (-0.5, 0.0, 0.01, 0.02)] == [
        "sleeping_dog", "indifferent", "indifferent", "persuadable",
    ]  # fmt: skip
