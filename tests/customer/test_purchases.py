"""What one customer bought, and what becomes of it when it is much."""

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.purchases import MAX_PRODUCTS, NO_PURCHASES, NOTHING, Bought, History, Purchases

Baskets = list[tuple[int, tuple[str, ...]]]


def history_of(*baskets: tuple[str, ...]) -> History:
    return told(list(enumerate(baskets, start=1)))


def told(baskets: Baskets) -> History:
    found = NOTHING
    for day, skus in baskets:
        found = found.with_basket(skus, day)
    return found


def some(products: int, lines: int) -> st.SearchStrategy[Baskets]:
    skus = st.lists(st.integers(0, products - 1).map(str), min_size=1, max_size=lines, unique=True).map(tuple)
    return st.lists(st.tuples(st.integers(0, 20), skus), max_size=12)


few, many = some(20, 6), some(300, 150)


def test_it_counts_baskets_and_remembers_the_first_and_the_last_time() -> None:
    history = history_of(("tea",), ("rug",), ("tea", "cup"))
    assert history.products["tea"] == Bought(times=2, first_ms=1, last_ms=3, pattern=0b101)
    assert (history.baskets, history.first_ms, history.last_ms) == (3, 1, 3)


def test_the_pattern_says_in_which_of_the_last_eight_baskets_a_product_was() -> None:
    history = history_of(("tea",), ("rug",), ("tea",), ("rug",))
    assert history.products["tea"].pattern == 0b1010
    long_after = history_of(("tea",), *[("rug",)] * 8)
    assert long_after.products["tea"].pattern == 0


def test_what_was_bought_last_comes_first_among_the_recent() -> None:
    assert history_of(("tea",), ("rug",), ("tea",)).recent == ["tea", "rug"]


def test_novelty_is_the_share_of_new_products_after_the_first_basket() -> None:
    assert History().novelty == 0.5
    assert history_of(("a",), ("b", "c"), ("a", "b")).novelty == (2 + 1) / (4 + 2)


@given(few.flatmap(lambda baskets: st.tuples(st.just(baskets), st.permutations(baskets))))
def test_the_order_in_which_baskets_are_told_does_not_matter(both: tuple[Baskets, Baskets]) -> None:
    assert told(both[0]) == told(both[1])


@given(few, few)
def test_two_who_are_one_have_bought_what_both_have(ours: Baskets, theirs: Baskets) -> None:
    assert told(ours).joined(told(theirs)) == told([*ours, *theirs])


@given(many, many)
def test_who_of_two_is_taken_in_does_not_matter_though_much_is_forgotten(ours: Baskets, theirs: Baskets) -> None:
    one, two = told(ours), told(theirs)
    assert one.joined(two) == two.joined(one)


def test_of_too_many_products_those_bought_fewest_times_and_longest_ago_are_forgotten() -> None:
    history = history_of(("often",), ("often",), ("old",), tuple(f"p{n}" for n in range(MAX_PRODUCTS)))
    assert len(history.products) == MAX_PRODUCTS
    assert "often" in history.products
    assert "old" not in history.products
    assert "p9" not in history.products  # of equals the greater name


@given(many)
def test_it_is_bounded(baskets: Baskets) -> None:
    history = told(baskets)
    assert len(history.products) <= MAX_PRODUCTS
    assert all(1 <= bought.times <= len(baskets) for bought in history.products.values())


@given(many)
def test_it_survives_its_text(baskets: Baskets) -> None:
    history = told(baskets)
    again = Purchases(Purchases.of(history).text)
    assert again.history == history
    assert list(again.history.products) == list(history.products)
    assert Purchases.of(again.history).text == again.text


def test_who_never_bought_has_no_text() -> None:
    assert Purchases.of(NOTHING) == NO_PURCHASES
    assert not NO_PURCHASES
    assert NO_PURCHASES.text == ""
