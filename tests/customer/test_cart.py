from streamproc.customer.cart import MAX_CART_LINES
from streamproc.events.raw import Event
from tests.builders import add, at_ms, checkout, folded, order, remove, view


def test_what_is_added_lies_in_the_cart() -> None:
    cart = folded(add("lamp"), add("rug", quantity=2, minutes=1), add("lamp", minutes=2)).cart
    assert cart is not None
    assert cart.lines == {"lamp": 2, "rug": 2}
    assert (cart.created_ms, cart.changed_ms) == (at_ms(), at_ms(minutes=2))


def test_what_is_removed_does_not() -> None:
    cart = folded(add("lamp", quantity=3), add("rug"), remove("lamp", quantity=1), remove("rug", minutes=5)).cart
    assert cart is not None
    assert cart.lines == {"lamp": 2}
    assert cart.changed_ms == at_ms(minutes=5)


def test_more_removed_than_added_leaves_nothing() -> None:
    assert folded(add("lamp"), remove("lamp", quantity=7)).cart is None


def test_removing_what_is_not_there_is_no_change() -> None:
    cart = folded(add("lamp"), remove("rug", minutes=9)).cart
    assert cart is not None
    assert cart.changed_ms == at_ms()


def test_an_empty_cart_is_no_cart() -> None:
    assert folded(add("lamp"), remove("lamp")).cart is None


def test_an_order_takes_its_products_out() -> None:
    customer = folded(add("lamp", quantity=5), add("rug"), order("lamp", minutes=9))
    assert customer.cart is not None
    assert customer.cart.lines == {"rug": 1}
    assert folded(add("lamp"), order("lamp", "vase")).cart is None


def test_a_sample_takes_its_product_out_too() -> None:
    assert folded(add("lamp"), order("lamp", pounds=0)).cart is None


def test_a_product_added_before_an_order_that_was_seen_first_is_ignored() -> None:
    assert folded(order("lamp", minutes=10), add("lamp", minutes=9)).cart is None
    assert folded(order("lamp", minutes=10), add("lamp", minutes=10)).cart is None


def test_a_product_added_after_its_order_is_wanted_again() -> None:
    assert folded(order("lamp", minutes=10), add("lamp", minutes=11)).cart is not None


def test_another_product_added_before_an_order_that_was_seen_first_still_lies_there() -> None:
    cart = folded(order("lamp", minutes=10), add("rug", minutes=9)).cart
    assert cart is not None
    assert cart.lines == {"rug": 1}


def test_a_cart_with_an_id_follows_one_with_another() -> None:
    customer = folded(add("lamp", cart_id="a"), add("rug", cart_id="b"))
    assert customer.cart is not None
    assert (customer.cart.cart_id, customer.cart.lines, customer.carts) == ("b", {"rug": 1}, 2)


def test_a_late_addition_to_a_cart_that_was_left_does_not_replace_the_newer_one() -> None:
    customer = folded(add("rug", cart_id="b", minutes=5), add("lamp", cart_id="a", minutes=1))
    assert customer.cart is not None
    assert (customer.cart.cart_id, customer.cart.lines, customer.carts) == ("b", {"rug": 1}, 2)


def test_another_cart_s_events_leave_this_one_alone() -> None:
    happened: list[Event] = [
        add("lamp", cart_id="b"),
        remove("lamp", cart_id="a", minutes=1),
        checkout(cart_id="a", minutes=2),
    ]
    cart = folded(*happened).cart
    assert cart is not None
    assert (cart.lines, cart.changed_ms) == ({"lamp": 1}, at_ms())


def test_events_without_a_cart_s_id_are_about_the_cart_there_is() -> None:
    customer = folded(add("lamp", cart_id="a"), add("rug", minutes=1), remove("lamp", minutes=2))
    assert customer.cart is not None
    assert (customer.cart.cart_id, customer.cart.lines, customer.carts) == ("a", {"rug": 1}, 1)


def test_a_cart_without_an_id_is_named_after_the_customer_and_the_first_product() -> None:
    cart = folded(add("lamp", minutes=1)).cart
    assert cart is not None
    assert cart.cart_id == f"c/ada:{at_ms(minutes=1)}"


def test_a_check_out_touches_the_cart() -> None:
    cart = folded(add("lamp"), checkout(minutes=5)).cart
    assert cart is not None
    assert cart.changed_ms == at_ms(minutes=5)


def test_a_late_event_does_not_make_a_cart_look_older() -> None:
    cart = folded(add("lamp", minutes=10), add("rug", minutes=5)).cart
    assert cart is not None
    assert cart.changed_ms == at_ms(minutes=10)


def test_a_cart_is_bounded() -> None:
    cart = folded(*[add(f"sku-{number}") for number in range(MAX_CART_LINES + 5)]).cart
    assert cart is not None
    assert len(cart.lines) == MAX_CART_LINES


def test_a_full_cart_is_changed_by_what_does_not_fit_any_more() -> None:
    cart = folded(*[add(f"sku-{number}", minutes=number) for number in range(MAX_CART_LINES + 5)]).cart
    assert cart is not None
    assert cart.changed_ms == at_ms(minutes=MAX_CART_LINES + 4)


def test_looking_around_leaves_the_cart_alone() -> None:
    cart = folded(add("lamp"), view(minutes=20)).cart
    assert cart is not None
    assert cart.changed_ms == at_ms()
