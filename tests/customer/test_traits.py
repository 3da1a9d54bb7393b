"""Of each trait the newest word is known, with when and by what system it was said, whatever the order of arrival."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.folds.uniting import united
from streamproc.customer.state import Customer
from streamproc.events.raw import Event
from tests.builders import at_ms, erasure, folded, identified
from tests.trying import tried

words = st.builds(
    lambda minutes, name, value, source: identified({name: value}, minutes=minutes, source=source),
    st.integers(0, 3),
    st.sampled_from(["city", "email"]),
    st.sampled_from([None, "Leeds", "York"]),
    st.sampled_from([None, "crm", "shop"]),
)


def known(customer: Customer) -> tuple[object, ...]:
    return (
        sorted(customer.traits.items()),
        sorted(customer.trait_times.items()),
        sorted(customer.trait_sources.items()),
    )


def test_a_trait_has_a_time_and_a_source() -> None:
    told: list[Event] = [
        identified({"city": "Leeds"}, source="crm"),
        identified({"city": "York"}, source="shop", minutes=5),
        identified({"age": 36}),
    ]
    for each in permutations(told):
        customer = folded(*each)
        assert customer.traits == {"city": "York", "age": 36}
        assert customer.trait_times == {"city": at_ms(minutes=5), "age": at_ms()}
        assert customer.trait_sources == {"city": "shop"}


@tried(150)
@given(st.lists(words, min_size=1, max_size=6), st.data())
def test_in_any_order_and_in_two_profiles_the_same_is_known(told: list[Event], data: st.DataObject) -> None:
    whole = known(folded(*told))
    shuffled = data.draw(st.permutations(told))
    assert known(folded(*shuffled)) == whole
    cut = data.draw(st.integers(1, max(1, len(told) - 1)))
    if cut < len(told):
        one, other = folded(*shuffled[:cut]), folded(*shuffled[cut:])
        assert known(united(one, other, {})) == known(united(other, one, {})) == whole


def test_who_is_erased_has_neither() -> None:
    customer = folded(identified({"city": "Leeds"}, source="crm"), erasure(minutes=1))
    assert known(customer) == ([], [], [])
