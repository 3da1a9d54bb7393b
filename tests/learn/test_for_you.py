"""A ranking of products in learn: baskets in, frozen copies out, and what it knows of products kept one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.purchases import NOTHING, History, Purchases
from streamproc.events.training import Basket, Example, Lesson
from streamproc.learn.learner import Learner
from streamproc.learn.stage import learner_key
from streamproc.models.kind import Predictions
from streamproc.models.kinds.for_you import ForYou
from streamproc.models.ranking import shop as shop_module
from streamproc.models.ranking.ranking_model import RankingModel
from streamproc.models.releases.snapshots import unpack
from tests.learn.test_learner import SETTINGS, Learning, all_through, example
from tests.models.ranking.baskets import some_baskets
from tests.trying import tried

RANKING = ForYou(release_every=20)
BOTH: Predictions = {"for_you": RANKING, "churn": SETTINGS}
END = 10**12


def told(count: int = 60, products: int = 40) -> list[Basket]:
    """Baskets as decide tells them."""
    histories: dict[str, History] = {}
    found = []
    for each in some_baskets(count, products=products):
        before = histories.get(each.customer, NOTHING)
        subject = f"{each.customer}|{each.at_ms}"
        found.append(Basket("for_you", subject, each.at_ms, each.at_ms, each.skus, Purchases.of(before).text))
        histories[each.customer] = before.with_basket(each.skus, each.at_ms)
    return found


def model_of(learning: Learning) -> RankingModel:
    learner = learning.states.get(learner_key("for_you"))
    assert isinstance(learner, Learner)
    assert isinstance(learner.model, RankingModel)
    return learner.model


def learned(*lessons: Lesson) -> Learning:
    learning = Learning(BOTH)
    learning.hears(*lessons, *all_through(END))
    return learning


def test_a_copy_is_released_after_every_so_many_baskets_and_says_how_good_it_was() -> None:
    learning = learned(*told())
    assert [version for version, _ in learning.versions] == [f"for_you-0000000{count}" for count in (20, 40, 60)]
    [*_, card] = learning.cards
    assert 0 < card["metrics"]["hit_at_10"] <= 1
    assert card["parameters"]["products"] == 1000
    assert "own.times" in card["parameters"]


def test_a_copy_that_holds_all_products_and_neighbours_ranks_as_the_model_that_learned() -> None:
    baskets = told(products=11)
    learning = learned(*baskets)
    released = RANKING.ranker(unpack(learning.versions[-1][1], RANKING))
    ranker, now_ms = model_of(learning).ranker, baskets[-1].at_ms
    for basket in baskets:
        history = Purchases(basket.before).history
        assert released.suggest(released.rank(history, now_ms), now_ms) == ranker.suggest(
            ranker.rank(history, now_ms), now_ms
        )


def test_baskets_are_learned_in_the_order_of_time_however_they_come() -> None:
    assert learned(*reversed(told())).versions == learned(*told()).versions


@tried(10)
@given(st.sets(st.integers(0, 60), max_size=4), st.sampled_from([25, 20_000]))
def test_a_ranking_that_is_restarted_learns_as_one_that_was_not(stops: set[int], products: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop_module, "MAX_PRODUCTS", products)
        restarted = Learning(BOTH)
        for number, basket in enumerate(told()):
            restarted.hears(basket, *all_through(basket.at_ms))
            if number in stops:
                restarted.restart()
        assert restarted.versions == learned(*told()).versions


def test_each_product_is_a_state_of_its_own_and_the_learner_stays_small() -> None:
    learning = learned(*told(300))
    learning.states.checkpoint()
    stored = learning.states.stored
    products = [key for key in stored if key.startswith(b"part/for_you/")]
    assert len(products) == 40
    assert len(stored[learner_key("for_you")]) < 10_000


def test_other_lessons_under_its_name_are_passed_over() -> None:
    learning = learned(*told(19), Example("for_you", "s", 0, 1, {}, 1, None, None), example(1))
    assert learning.versions == []


def test_what_was_known_is_forgotten_when_the_name_becomes_another_kinds_and_its_own_again() -> None:
    learning = learned(*told())
    for predictions in ({"for_you": SETTINGS}, BOTH):
        learning.predictions = predictions
        learning.restart()
        learning.hears(*all_through(END + 1))
    assert model_of(learning).ranker.shop.ever.amounts == {}
    learning.states.checkpoint()
    assert not [key for key in learning.states.stored if key.startswith(b"part/")]
