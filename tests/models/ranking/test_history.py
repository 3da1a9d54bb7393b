"""What one customer bought, and what becomes of it when it is much."""

from hypothesis import given
from hypothesis import strategies as st

from streamproc.models.ranking.history import MAX_PRODUCTS, Bought, History


def history_of(*baskets: tuple[str, ...]) -> History:
    found = History()
    for day, skus in enumerate(baskets, start=1):
        found.add(skus, day)
    return found


def test_it_counts_baskets_and_remembers_the_first_and_the_last_time() -> None:
    history = history_of(("tea",), ("rug",), ("tea", "cup"))
    assert history.products["tea"] == Bought(times=2, first_ms=1, last_ms=3, basket=3, pattern=0b101)
    assert (history.baskets, history.first_ms, history.last_ms) == (3, 1, 3)


def test_the_pattern_says_in_which_of_the_last_eight_baskets_a_product_was() -> None:
    history = history_of(("tea",), ("rug",), ("tea",), ("rug",))
    assert history.pattern(history.products["tea"]) == 0b1010
    long_after = history_of(("tea",), *[("rug",)] * 8)
    assert long_after.pattern(long_after.products["tea"]) == 0


def test_what_was_bought_last_comes_first_among_the_recent() -> None:
    assert history_of(("tea",), ("rug",), ("tea",)).recent == ["tea", "rug"]


def test_novelty_is_the_share_of_new_products_after_the_first_basket() -> None:
    assert History().novelty == 0.5
    assert history_of(("a",), ("b", "c"), ("a", "b")).novelty == (2 + 1) / (4 + 2)


def test_a_basket_that_comes_late_counts_as_bought_now() -> None:
    history = History()
    history.add(("tea",), 10)
    history.add(("tea",), 5)
    assert history.products["tea"] == Bought(2, 10, 10, 2, 0b11)


def test_of_too_many_products_those_bought_fewest_times_and_longest_ago_are_forgotten() -> None:
    history = history_of(("often",), ("often",), ("old",), tuple(f"p{n}" for n in range(MAX_PRODUCTS)))
    assert len(history.products) == MAX_PRODUCTS
    assert "often" in history.products
    assert "old" not in history.products
    assert "p99" not in history.products  # of equals the greater name


@given(st.lists(st.lists(st.integers(0, 300).map(str), min_size=1, max_size=150, unique=True).map(tuple), max_size=12))
def test_it_is_bounded(baskets: list[tuple[str, ...]]) -> None:
    history = history_of(*baskets)
    assert len(history.products) <= MAX_PRODUCTS
    assert all(1 <= bought.times <= len(baskets) for bought in history.products.values())
