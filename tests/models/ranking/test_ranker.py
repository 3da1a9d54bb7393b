"""Suggestions: laws that hold for any baskets, what is learned, and the reasons that are given."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.models.ranking import shop as shop_module
from streamproc.models.ranking.proven import Proven
from streamproc.models.ranking.ranker import TOP, Ranker, Suggestion
from streamproc.models.ranking.weights import Weights
from tests.models.ranking.baskets import Basket, Taught, many, some_baskets, taught

ROOT = Path(__file__).parents[3]


@given(many)
def test_at_most_ten_different_products_are_suggested_and_only_such_as_were_ever_bought(baskets: list[Basket]) -> None:
    ranker, bought = Taught(), set[str]()
    for basket in baskets:
        suggested = [suggestion.sku for suggestion in ranker.learn(basket)]
        assert len(suggested) == len(set(suggested)) == min(TOP, len(bought))
        assert bought.issuperset(suggested)
        bought.update(basket.skus)


@given(many)
def test_the_same_baskets_give_the_same_suggestions(baskets: list[Basket]) -> None:
    first, second = Taught(), Taught()
    assert [first.learn(basket) for basket in baskets] == [second.learn(basket) for basket in baskets]


@given(many, many, st.integers(0, 25))
def test_no_basket_changes_what_was_suggested_before_it(past: list[Basket], other: list[Basket], kept: int) -> None:
    begun = past[:kept]
    since = begun[-1].day if begun else 0.0
    changed = [*begun, *(basket for basket in other if basket.day >= since)]
    first, second = Taught(), Taught()
    before = [first.learn(basket) for basket in past][: len(begun)]
    assert [second.learn(basket) for basket in changed][: len(begun)] == before
    assert taught(begun).suggest("ada", since) == taught(changed[: len(begun)]).suggest("ada", since)


@pytest.mark.slow
def test_what_is_suggested_before_a_basket_is_the_same_whatever_that_basket_and_all_later_ones_hold() -> None:
    baskets = some_baskets()
    for place in (40, 150, 299):
        shifted = [Basket(each.day + 3, each.customer, ("other", "things")) for each in baskets[place:]]
        real, unreal = Taught(), Taught()
        said = [real.learn(basket) for basket in baskets][:place]
        assert [unreal.learn(basket) for basket in [*baskets[:place], *shifted]][:place] == said
        day, customer = baskets[place].day, baskets[place].customer
        assert taught(baskets[:place]).suggest(customer, day) == taught(baskets[:place]).suggest(customer, day)


@given(many)
def test_the_names_of_other_customers_do_not_matter(baskets: list[Basket]) -> None:
    renamed = [each if each.customer == "ada" else each._replace(customer=f"x-{each.customer}") for each in baskets]
    first, second = Taught(), Taught()
    assert [first.learn(basket) for basket in baskets] == [second.learn(basket) for basket in renamed]


@pytest.mark.slow
def test_the_order_of_hashes_does_not_matter() -> None:
    said = (
        "from tests.models.ranking.baskets import some_baskets, taught\n"
        "print([taught(some_baskets(150)).suggest(f'c{n}', 101) for n in range(9)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", said], cwd=ROOT, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_shop_without_baskets_suggests_nothing() -> None:
    assert Taught().suggest("ada", 1) == []


def test_a_basket_without_products_teaches_nothing() -> None:
    ranker = taught(some_baskets(30))
    before = ranker.suggest("c1", 11)
    ranked = ranker.ranker.rank(ranker.histories["c1"], 0)
    ranker.ranker.learn(ranked, ranker.histories["c1"], (), 0)
    assert ranker.suggest("c1", 11) == before


@pytest.mark.parametrize("customers", [1, 40])
def test_a_shop_with_one_product_suggests_it(customers: int) -> None:
    ranker = taught(Basket(n, f"c{n % customers}", ("mug",)) for n in range(80))
    assert ranker.suggest("c0", 81) == [Suggestion("mug", "bought_before", moved_by="times")]
    assert [each.sku for each in ranker.suggest("nobody", 81)] == ["mug"]


def test_before_anything_is_learned_it_is_what_was_bought_most_often_and_then_what_sells() -> None:
    shop = taught(Basket(0, f"c{n}", ("bread",)) for n in range(3))
    for day, sku in ((1.0, "tea"), (1.1, "tea"), (1.2, "rug")):
        shop.learn(Basket(day, "ada", (sku,)))
    shop.ranker.weights = Weights()
    assert [each.sku for each in shop.suggest("ada", 2)] == ["tea", "rug", "bread"]


def test_that_some_products_are_never_bought_again_is_learned() -> None:
    ranker = Taught()
    for n in range(600):
        customer, visit = f"c{n % 60}", n // 60
        ranker.learn(Basket(n / 4, customer, ("milk", f"sofa{visit}")))
    ranker.learn(Basket(151, "new", ("milk", "sofa1")))
    shop, suggested = ranker.ranker.shop, [each.sku for each in ranker.suggest("new", 160)]
    assert shop.repeat_propensity("milk") > 1 > shop.repeat_propensity("sofa1")
    assert "milk" in suggested
    assert "sofa1" not in suggested
    assert ranker.ranker.known.learned


def test_what_goes_with_what_was_bought_last_is_suggested_with_the_product_that_it_goes_with() -> None:
    pairs = [Basket(n / 9, f"c{n}", (f"cup{n % 20}", f"saucer{n % 20}")) for n in range(900)]
    first_one = [
        Basket(100 + n / 90, f"d{n % 300}", (f"{'cup' if n < 300 else 'saucer'}{n % 20}",)) for n in range(600)
    ]
    ranker = taught([*pairs, *first_one, Basket(200, "ada", ("cup7",))])
    assert Suggestion("saucer7", "bought_with", "cup7", moved_by="bought_with") in ranker.suggest("ada", 201)[:2]


def test_what_sells_more_than_usual_is_trending_and_the_rest_is_popular() -> None:
    usual = [Basket(n / 4, f"c{n}", ("tea",)) for n in range(400)]
    lately = [Basket(101 + n / 9, f"d{n}", ("sunscreen",)) for n in range(60)]
    reasons = {each.sku: each.reason for each in taught([*usual, *lately]).suggest("nobody", 108)}
    assert reasons == {"tea": "popular", "sunscreen": "trending"}


def test_learned_suggestions_are_made_only_while_they_find_as_much_as_simple_ones() -> None:
    ranked = taught(some_baskets()).ranker.rank(taught(some_baskets()).histories["c1"], 0)
    right, wrong = ranked.candidates[:1], ranked.candidates[1:2]
    proven, bought = Proven(), frozenset({right[0].sku})
    said = [proven.learned]
    for learned, simple in ((wrong, right), (right, wrong), (right, wrong)):
        proven.learn(learned, simple, bought)
        said.append(proven.learned)
    assert said == [True, False, True, True]


def test_the_simple_suggestions_are_made_while_learned_ones_are_not_proven() -> None:
    ranker = taught(some_baskets())
    ranker.ranker.known.ahead = -1.0
    history = ranker.histories["c1"]
    most = max(history.products.values(), key=lambda bought: bought.times)
    first = ranker.suggest("c1", 101)[0]
    assert history.products[first.sku].times == most.times


def test_what_the_shop_has_forgotten_a_customer_may_still_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_module, "MAX_PRODUCTS", 20)
    ranker = taught(Basket(n / 2, "ada", (f"p{n}",)) for n in range(60))
    shop = ranker.ranker.shop
    assert len(shop.ever.amounts) <= 20
    assert shop.repeats.keys() | shop.together.keys() | shop.fast.amounts.keys() <= shop.ever.amounts.keys()
    assert len(ranker.suggest("ada", 31)) == TOP


def test_one_basket_of_everything_does_not_make_more_neighbours_than_are_kept() -> None:
    ranker = taught(Basket(n, f"c{n}", tuple(f"p{(n * 7 + k) % 900}" for k in range(200))) for n in range(120))
    assert max(map(len, ranker.ranker.shop.together.values())) <= 2 * shop_module.MAX_NEIGHBOURS
    assert len(Ranker().rank(ranker.histories["c1"], 0).candidates) <= 100
