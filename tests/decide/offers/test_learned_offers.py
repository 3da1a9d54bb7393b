"""What offers brought decides which is chosen next."""

import pytest

from tests.builders import view
from tests.decide.offers.offering import VERSION, learn, offer, offers, shop_with


def test_the_offer_that_brought_most_is_chosen_and_the_choice_says_by_what() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="epsilon_greedy", epsilon=0)
    learn(shop, [("gift", 1.0), ("ship", 0.1)] * 60)
    shop.sees(view())
    [chosen] = offers(shop)
    assert (chosen.offer_id, chosen.model_version) == ("gift", VERSION)
    assert chosen.expected["gift"] > 0.7
    assert chosen.expected["ship"] < 0.3
    assert chosen.features == {"log_orders": 0.0, "log_views_7d": 0.6931}
    [waits] = shop.ada.open_offers
    assert (waits.expected, waits.model_version) == (chosen.expected["gift"], VERSION)


def test_as_long_as_nothing_was_learned_of_an_offer_the_shops_own_word_counts() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="epsilon_greedy", epsilon=0)
    shop.sees(view())
    assert offers(shop)[0].offer_id == "ship"
    learn(shop, [("gift", 1.0)] * 9)
    shop.sees(view(days=1))
    assert offers(shop)[1].expected["ship"] == 5


def test_what_an_offer_costs_is_taken_off_what_it_brings() -> None:
    dear = offer("dear", expected_reward=1, margin=10, cost=9)
    cheap = offer("cheap", expected_reward=0.5, margin=10)
    shop = shop_with(dear, cheap, kind="epsilon_greedy", epsilon=0)
    shop.sees(view())
    assert offers(shop)[0].offer_id == "cheap"


def test_a_control_gets_what_the_shop_expects_most_of_whatever_was_learned() -> None:
    shop = shop_with(offer("gift"), offer("ship", expected_reward=5), kind="thompson", control=0.5)
    learn(shop, [("gift", 1.0), ("ship", 0.0)] * 60)
    shop.sees(*(view(customer_id=f"c{number}") for number in range(400)))
    controls = [each for each in offers(shop) if each.policy.startswith("control: ")]
    others = [each for each in offers(shop) if not each.policy.startswith("control: ")]
    assert 140 <= len(controls) <= 260
    assert sum(each.offer_id == "ship" for each in controls) / len(controls) > 0.85
    assert sum(each.offer_id == "gift" for each in others) / len(others) > 0.9
    waits = [each for customer in shop.customers.values() for each in customer.open_offers]
    assert sum(each.is_control for each in waits) == len(controls)


@pytest.mark.parametrize("kind", ["thompson", "lin_ucb"])
def test_a_policy_that_learns_needs_a_model(kind: str) -> None:
    with pytest.raises(ValueError, match=f"the policy {kind} needs a model"):
        shop_with(offer("gift"), kind=kind, model=None)
