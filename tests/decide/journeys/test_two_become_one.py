"""Two who turn out to be one are on the journeys of both, whoever is taken in."""

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.journeys import JourneyInstance, journeys_united
from streamproc.events.topics import JOURNEYS_TOPIC, trigger_topic
from tests.builders import (
    add,
    at_ms,
    plan,
)
from tests.decide.identity.town import Town, linked
from tests.decide.journeys.walking import (
    IN_CART,
    again,
)

INSTANCES = st.builds(
    JourneyInstance,
    *(st.sampled_from(["a", "b"]), st.sampled_from(["cart-1", "cart-2"]), st.sampled_from(["0a", "1b"])),
    *(st.integers(0, 3) for _ in range(4)),
    st.sampled_from(["t1", "t2"]),
    st.integers(0, 15),
    st.booleans(),
)
ONES = st.lists(INSTANCES, max_size=9, unique_by=lambda each: (each.journey, each.key))


def test_two_who_are_one_are_on_the_journeys_of_both() -> None:
    """A visitor's cart has a name that says whose it is: it goes on under the customer's."""
    own, visitors = {"cart_id": "cart-1"}, {"customer_id": None, "anonymous_id": "v"}
    town = Town(plan(IN_CART, journeys=[again()]))
    town.tell(add(**own), add("rug", **visitors)).rest().mark(at_ms(hours=2)).rest()
    town.tell(linked("v", hours=3)).rest().mark(at_ms(days=2)).rest()
    told = [
        (each["journey"], each["change"], each["customer_id"])
        for each in town.of(JOURNEYS_TOPIC)
        if each["change"] != "stepped"
    ]
    assert sorted(told, key=str) == sorted(
        [("again", "started", "ada"), ("again", "started", None), ("again", "ended", "ada"), ("again", "ended", "ada")],
        key=str,
    )
    sent_to = [
        (each["step"], each["customer_id"], each["correlation"].split(":")[0])
        for each in town.of(trigger_topic("again"))
    ]
    assert sorted(sent_to) == [("push", "ada", "c/ada"), ("push", "ada", "cart-1")]


@given(ONES, ONES)
def test_who_is_taken_in_by_whom_makes_no_difference(one: list[JourneyInstance], two: list[JourneyInstance]) -> None:
    assert journeys_united(tuple(one), tuple(two)) == journeys_united(tuple(two), tuple(one))
    once = journeys_united(tuple(one), tuple(two))
    assert journeys_united(once, once) == once
