"""Under what a customer stands in what is learned from: only the signing key can make it, and it links little."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.training import Example
from streamproc.models.releases.bank import ModelBank
from tests.builders import Shop, order, plan

KEYS = st.binary(min_size=16, max_size=32)
RULES = plan(others={"rfm": {"sample_every_days": 10}, "clusters": {"sample_every_days": 10}})


def year_of(key: bytes, customer: str = "ada") -> list[Example]:
    """What is learned from a customer who orders now and then."""
    shop = Shop(RULES, ModelBank(key, RULES.predictions))
    shop.sees(*(order(days=day, order_id=f"o{day}", customer_id=customer) for day in range(0, 90, 30)))
    shop.mark(days=200)
    found = [each for outcome in shop.outcomes for each in outcome.examples]
    assert {each.model for each in found} >= {"churn", "rfm", "clusters"}
    return found


def of_model(examples: list[Example], *models: str) -> set[str]:
    return {each.subject for each in examples if each.model in models}


@given(KEYS, KEYS)
def test_with_another_key_nothing_of_a_customer_has_the_same_name(key: bytes, other: bytes) -> None:
    once, again = year_of(key), year_of(key)
    assert once == again
    if key != other:
        assert not of_model(once, "churn", "rfm", "clusters") & of_model(year_of(other), "churn", "rfm", "clusters")


def test_a_sample_is_linked_to_the_next_one_of_its_model_and_to_nothing_else() -> None:
    examples = year_of(b"the key of a system")
    rfm, clusters = of_model(examples, "rfm"), of_model(examples, "clusters")
    assert (len(rfm), len(clusters), len(rfm | clusters)) == (1, 1, 2)
    questions = [each for each in examples if each.model == "churn"]
    assert len(of_model(questions, "churn")) == len(questions) > 1
    assert not of_model(questions, "churn") & (rfm | clusters)


def test_when_a_customer_is_looked_at_does_not_follow_from_who_it_is() -> None:
    seen = [[each.asked_ms for each in year_of(key) if each.model == "rfm"] for key in (b"k" * 16, b"l" * 16)]
    assert seen[0][0] != seen[1][0]
    assert {later - earlier for moments in seen for earlier, later in pairwise(moments)} == {10 * 86_400_000}
