"""What is told of an answer: to learn, whether anything was done to the customer in between; else a whole number."""

from tests.builders import REWARDS, Shop, add, at_ms, facts_of, on_order, order, plan, view
from tests.models.test_prediction_kinds import BUYS, NEXT, NUMBERS, asking, with_versions


def test_an_example_says_whether_anything_went_to_the_customer_in_between_and_who_is_held_out() -> None:
    offers = {"policy": {"control": 0.5, "model": REWARDS}}
    rules = plan(on_order(), offers=offers, churn={"horizon_days": 7}, rewards={"features": NUMBERS})
    shop = Shop(rules)
    shop.sees(*[order(customer_id=f"c{number}") for number in range(40)])
    shop.sees(*[order(customer_id=f"c{number}", days=3) for number in range(20)])
    shop.mark(days=8.5)
    first = [each for outcome in shop.outcomes for each in outcome.examples if each.asked_ms == at_ms()]
    assert len(first) == 40
    assert {(each.label, each.treated) for each in first} == {(0, False), (1, False)}
    second = [each for outcome in shop.sees(order(customer_id="c1", days=9)) for each in outcome.examples]
    assert [each.treated for each in second] == [False]
    assert 8 < sum(each.held_out for each in first) < 32


def test_a_message_after_the_question_is_a_treatment() -> None:
    shop = Shop(plan({"name": "viewed", "kind": "event", "on": ["page_viewed"], "cool_down_hours": 0}))
    shop.sees(order(), view(days=1), order(days=2), order(days=3))
    found = [(each.asked_ms == at_ms(), each.treated) for outcome in shop.outcomes for each in outcome.examples]
    assert found == [(True, True), (False, False)]


def test_an_answer_that_is_a_number_is_told_in_thousandths() -> None:
    rules = asking(buys=BUYS, next=NEXT)
    shop = Shop(rules, with_versions(rules))
    shop.sees(add(), order(minutes=5), order(days=1.5))
    shop.mark(days=40)
    told = [fact.values for fact in facts_of(shop.outcomes) if fact.fact == "answer"]
    assert {"model": "next", "label": 1_497} in told
    assert {"model": "buys", "label": 1} in told
