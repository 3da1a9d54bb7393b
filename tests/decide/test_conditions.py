"""A condition as a function says what the tree of tables says."""

import operator
import pickle
from math import inf
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamproc.customer.features import FEATURES, NAMED, Features
from streamproc.customer.state import Customer, LastScore
from streamproc.customer.tags import DAYS_TAGGED, days_tagged
from streamproc.customer.view import CustomerView
from streamproc.decide.conditions import Condition, check_of
from streamproc.events.times import DAY_MS
from tests.builders import Shop, abandoned_cart, at_ms, entries, folded, on_order, order, plan, view
from tests.decide.condition_trees import Conditions, trees
from tests.strategies import events

BOUNDS = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt}
NAMES = ["a", "b"]
FUNCTIONS = {**FEATURES, **{f"{DAYS_TAGGED}{name}": days_tagged(name) for name in NAMES}}

numbers = st.sampled_from([0, 1, 2, 0.5, 30, -1]) | st.floats(-100, 100)
scalars: st.SearchStrategy[Any] = st.sampled_from(["x", "", "1", True, False]) | numbers
bounds = st.dictionaries(st.sampled_from(sorted(BOUNDS)), numbers, max_size=3)
days_ago = st.sampled_from([0, 1, 2, 30, 31]).map(lambda days: at_ms(days=30 - days))
subjects = st.fixed_dictionaries({"score": st.sampled_from(NAMES)}) | st.fixed_dictionaries(
    {"trait": st.sampled_from(NAMES)}
)
of_numbers = st.fixed_dictionaries({"feature": st.sampled_from(sorted(FEATURES.keys() - NAMED))})


def compared_with(subjects: Conditions, values: st.SearchStrategy[Any]) -> Conditions:
    return st.builds(
        lambda subject, limits, equals: {**subject, **limits, **equals},
        subjects,
        bounds,
        st.just({}) | st.fixed_dictionaries({"equals": values}),
    ).filter(lambda condition: len(condition) > 1)


comparisons = compared_with(subjects, scalars) | compared_with(of_numbers, numbers)
known = st.fixed_dictionaries({"known": st.booleans()})
choices = st.fixed_dictionaries({"one_of": st.lists(scalars, min_size=1, max_size=3)})
of_traits = st.builds(lambda name, asked: {"trait": name, **asked}, st.sampled_from(NAMES), known | choices)
of_scores = st.builds(lambda name, asked: {"score": name, **asked}, st.sampled_from(NAMES), known)
since = st.fixed_dictionaries({"tag": st.sampled_from(NAMES), "for_days": st.sampled_from([0.5, 1, 2, 30])})
leaves = (
    comparisons
    | of_traits
    | of_scores
    | since
    | st.fixed_dictionaries({"tag": st.sampled_from(NAMES)})
    | st.fixed_dictionaries({"segment": st.sampled_from(NAMES)})
)
conditions = trees(leaves, most_parts=4, most_leaves=8)


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    customer = folded(view(), *draw(st.lists(events, max_size=8)))
    customer.traits = draw(st.dictionaries(st.sampled_from(NAMES), scalars | st.none()))
    customer.tags = draw(st.dictionaries(st.sampled_from(NAMES), days_ago))
    customer.segments = dict.fromkeys(draw(st.sets(st.sampled_from(NAMES))), 1)
    scores = draw(st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1)))
    customer.scores = {name: LastScore(probability, 1, "v") for name, probability in scores.items()}
    return customer


def evaluated(condition: dict[str, Any], features: Features) -> bool:
    """The tree as it is written, gone through from the top."""
    if "all" in condition:
        return all(evaluated(part, features) for part in condition["all"])
    if "any" in condition:
        return any(evaluated(part, features) for part in condition["any"])
    if "not" in condition:
        return not evaluated(condition["not"], features)
    customer = features.view.customer
    if "tag" in condition:
        days: float = (features.view.now_ms - customer.tags.get(condition["tag"], inf)) / DAY_MS
        return bool(days >= condition.get("for_days", -100))
    if "segment" in condition:
        return condition["segment"] in customer.segments
    return compared(condition, value_of(condition, features))


def value_of(condition: dict[str, Any], features: Features) -> Any:
    customer = features.view.customer
    if "feature" in condition:
        return features[condition["feature"]]
    if "score" in condition:
        known = customer.scores.get(condition["score"])
        return known.value if known else None
    return customer.traits.get(condition["trait"])


def compared(condition: dict[str, Any], value: Any) -> bool:
    if "known" in condition:
        return bool((value is not None) == condition["known"])
    if value is None or ("one_of" in condition and value not in condition["one_of"]):
        return False
    if "equals" in condition and value != condition["equals"]:
        return False
    limits = [(BOUNDS[name], limit) for name, limit in condition.items() if name in BOUNDS]
    return not limits or (not isinstance(value, str) and all(holds(value, limit) for holds, limit in limits))


def features_of(customer: Customer) -> Features:
    return Features(CustomerView(customer, at_ms(days=30)), FUNCTIONS)


@given(conditions, customers())
def test_the_function_of_a_condition_says_what_the_tree_says(condition: dict[str, Any], customer: Customer) -> None:
    made = Condition.model_validate(condition)
    assert made.check(features_of(customer)) is evaluated(condition, features_of(customer))


@given(st.lists(conditions, max_size=4), customers())
def test_a_rule_holds_if_all_its_conditions_do(where: list[dict[str, Any]], customer: Customer) -> None:
    check = check_of(map(Condition.model_validate, where))
    assert check(features_of(customer)) is all(evaluated(each, features_of(customer)) for each in where)


def test_a_plan_that_was_decided_by_can_be_given_to_another_process() -> None:
    many = [{"feature": "orders_total", "at_least": 1}]
    used = plan(on_order(where=many), abandoned_cart(), segments=[{"name": "buyers", "where": many}])
    given_on = pickle.loads(pickle.dumps(used))
    shop = Shop(used)
    shop.sees(order(), order(days=1))
    after = pickle.loads(pickle.dumps(shop.plan))
    assert [each.version for each in (given_on, after)] == [used.version, used.version]
    assert Shop(after).steps(entries([order(event_id="e", order_id="o")])[0]).decisions
