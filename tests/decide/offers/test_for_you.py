"""Offers that name products for the customer, and the baskets that the ranking learns from."""

from collections.abc import Iterable
from typing import Any

from streamproc.customer.folds.uniting import united
from streamproc.customer.purchases import NO_PURCHASES, Purchases
from streamproc.decide.plan import Plan
from streamproc.events.decisions import Offer
from streamproc.events.log import ModelReleased
from streamproc.events.times import HOUR_MS
from streamproc.events.training import Basket
from streamproc.learn.learner import new_learner
from streamproc.models.releases.bank import ModelBank
from streamproc.models.releases.snapshots import pack, sign
from tests.builders import KEY, NOON, Shop, at_ms, erasure, line, order, plan, view, with_ranking

NAME = "for_you"
FOR_YOU = {"id": "suggestions", "content": "Chosen for you", "cool_down_days": 0, "rank": NAME}


def rules_with(*on: str, **changes: Any) -> Plan:
    return with_ranking(plan(offers={"policy": {"on": on or ("page_viewed",)}, "offer": [FOR_YOU | changes]}))


def release(rules: Plan, lessons: Iterable[Basket], version: str = "for_you-1") -> ModelReleased:
    prediction = rules.predictions[NAME]
    learner = new_learner(NAME, prediction)
    for lesson in lessons:
        learner.learn(lesson, prediction, KEY)
    snapshot = pack(prediction.released(learner.model))
    signature = sign(NAME, version, snapshot, KEY)
    return ModelReleased(
        model=NAME, version=version, snapshot=snapshot, signature=signature, trained_through=NOON, examples=1
    )


def shop_with(*on: str, **changes: Any) -> Shop:
    rules = rules_with(*on, **changes)
    return Shop(rules, ModelBank(KEY, rules.predictions))


def lessons(shop: Shop) -> list[Basket]:
    return [basket for outcome in shop.outcomes for basket in outcome.baskets]


def last_offer(shop: Shop) -> Offer:
    return [each for outcome in shop.outcomes for each in outcome.decisions if isinstance(each, Offer)][-1]


def a_month_of_tea(shop: Shop) -> None:
    """Everybody buys tea, who buys a cup buys a saucer with it, and ada is back for tea each week."""
    for day in range(30):
        shop.sees(order("tea", customer_id=f"c{day}", order_id=f"t{day}", days=day))
        shop.sees(order("cup", "saucer", customer_id=f"d{day}", order_id=f"s{day}", days=day))
        if day % 7 == 0:
            shop.sees(order("tea", order_id=f"a{day}", days=day))
    shop.bank = shop.bank.with_release(release(shop.plan, lessons(shop)))


def test_an_offer_names_products_with_their_reasons_and_the_version_that_ranked_them() -> None:
    shop = shop_with()
    a_month_of_tea(shop)
    shop.sees(order("cup", order_id="cup", days=30), view(days=31))
    offer = last_offer(shop)
    assert offer.ranking_version == "for_you-1"
    found = {each.sku: (each.reason, each.because_of) for each in offer.products}
    assert found == {"tea": ("bought_before", None), "saucer": ("bought_with", "cup"), "cup": ("bought_before", None)}
    assert all(each.moved_by for each in offer.products)


def test_who_never_bought_is_offered_what_sells() -> None:
    shop = shop_with(products=2)
    a_month_of_tea(shop)
    shop.sees(view(customer_id="new", days=31))
    products = last_offer(shop).products
    assert [each.sku for each in products][:1] == ["tea"]
    assert {each.reason for each in products} <= {"trending", "popular"}


def test_what_is_bought_now_is_not_suggested() -> None:
    shop = shop_with("order_placed")
    a_month_of_tea(shop)
    shop.sees(order("tea", order_id="now", days=31))
    assert "tea" not in [each.sku for each in last_offer(shop).products]


def test_before_the_first_release_an_offer_names_none() -> None:
    shop = shop_with()
    shop.sees(order("tea"), view(days=1))
    assert (last_offer(shop).products, last_offer(shop).ranking_version) == ((), None)


def test_a_basket_is_a_lesson_with_what_was_bought_before_it() -> None:
    shop = shop_with()
    free = line("sample", 0)
    shop.sees(order("tea", "tea", order_id="o1"), order("rug", order_id="o2", days=1), order(lines=(free,), days=2))
    first, second = lessons(shop)
    assert (first.skus, first.before, first.at_ms, first.due_ms) == (("tea",), "", at_ms(), at_ms() + 24 * HOUR_MS)
    assert list(Purchases(second.before).history.products) == ["tea"]
    assert list(shop.ada.purchases.history.products) == ["tea", "rug"]
    assert "ada" not in repr(lessons(shop))


def test_an_order_that_is_told_anew_is_no_other_basket() -> None:
    shop = shop_with()
    shop.sees(order("tea", order_id="o1"), order("tea", "rug", order_id="o1", event_id="e2", minutes=5))
    assert [basket.skus for basket in lessons(shop)] == [("tea",)]
    assert shop.ada.purchases.history.baskets == 1


def test_a_late_basket_is_learned_behind_what_was_said_to_be_complete() -> None:
    shop = shop_with()
    shop.sees(order("tea", days=40))
    shop.mark(days=39)
    shop.sees(order("rug", order_id="late"))
    assert lessons(shop)[-1].due_ms == at_ms(days=39) + 1


def test_without_a_ranking_nothing_is_kept_and_nothing_is_told() -> None:
    shop = Shop(plan(offers={"policy": {"on": ["page_viewed"]}, "offer": [{"id": "gift", "content": "gift"}]}))
    shop.sees(order("tea"), view(days=1))
    assert (lessons(shop), shop.ada.purchases, last_offer(shop).products) == ([], NO_PURCHASES, ())


def test_a_guests_order_is_no_basket() -> None:
    shop = shop_with()
    shop.sees(order("tea", customer_id=None))
    assert lessons(shop) == []


def test_what_an_erased_customer_bought_is_forgotten() -> None:
    shop = shop_with()
    shop.sees(order("tea"), erasure(days=1))
    assert shop.ada.purchases == NO_PURCHASES


def test_two_who_are_one_have_bought_what_both_have_whoever_is_taken_in() -> None:
    shop = shop_with()
    shop.sees(order("tea", "rug"), order("tea", customer_id="bob", order_id="b", days=3))
    ada, bob = shop.ada, shop.customers["c/bob"]
    one, other = united(ada, bob, {}), united(bob, ada, {})
    assert one.purchases == other.purchases
    assert {sku: bought.times for sku, bought in one.purchases.history.products.items()} == {"rug": 1, "tea": 2}


def test_a_withdrawn_ranking_suggests_nothing() -> None:
    shop = shop_with()
    a_month_of_tea(shop)
    shop.bank = shop.bank.without(NAME)
    shop.sees(view(days=31))
    assert last_offer(shop).products == ()
