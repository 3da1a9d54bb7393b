"""What is wrong in config/kpis.toml is said at once, with its place."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from streamproc.events.email import Bounced, Channel, MessageEvent
from streamproc.events.facts import FactValue
from streamproc.events.raw import EVENT_TYPES
from streamproc.measure.kinds import KINDS
from streamproc.measure.registry import KpiRegistry
from streamproc.measure.vocabulary import FACTS, FactField
from tests.measure.kpi_blocks import count, distinct, ratio, registry, total_of

CONFIG = Path(__file__).parents[2] / "config/kpis.toml"


def mistakes(*blocks: dict[str, Any]) -> dict[str, str]:
    """Place to message, as the loader shows them."""
    with pytest.raises(ValidationError) as caught:
        registry(*blocks)
    return {".".join(map(str, wrong["loc"])): wrong["msg"] for wrong in caught.value.errors()}


def test_the_shops_own_file_is_valid_and_describes_every_kpi() -> None:
    read = KpiRegistry.model_validate(tomllib.loads(CONFIG.read_text()))
    assert {block.kind for block in read.kpi} == {"count", "sum", "distinct", "ratio"}
    assert all(block.description.endswith(".") for block in read.kpi)


def test_the_shops_own_file_explains_every_fact_and_value_that_it_can_count() -> None:
    manual = CONFIG.read_text().partition("[[kpi]]\nname")[0]
    words = {*FACTS, *(name for values in FACTS.values() for name in values)}
    words |= {choice for values in FACTS.values() for field in values.values() for choice in field.choices}
    assert {word for word in words if word not in manual} == set()


def test_messages_have_the_actions_and_channels_of_the_events() -> None:
    actions = {name for name, cls in EVENT_TYPES.items() if issubclass(cls, MessageEvent)}
    fields = FACTS["message"]
    assert set(fields["action"].choices) == actions
    assert fields["channel"].choices == get_args(Channel)
    assert fields["kind"].choices == get_args(Bounced.model_fields["kind"].annotation)


def test_every_block_is_read_before_anything_is_reported() -> None:
    found = mistakes(
        count(facts=["oder"]),
        count("total_orders", wheer={}),
        ratio("orders", "nothing"),
        {"name": "median", "kind": "quantile"},
    )
    assert set(found) == {"kpi.0.facts.0", "kpi.1.wheer", "kpi.2.denominator", "kpi.3.kind"}
    assert found["kpi.2.denominator"] == "there is no KPI nothing"
    assert found["kpi.3.kind"] == f"no KPI kind 'quantile'; there are: {', '.join(sorted(KINDS))}"


def test_a_ratio_over_a_block_that_cannot_be_read_is_not_reported_on_top() -> None:
    assert set(mistakes(count(facts=[]), ratio("orders", "orders"))) == {"kpi.0.facts"}


def test_a_name_belongs_to_one_kpi() -> None:
    assert set(mistakes(count(), count())) == {"kpi.0.name", "kpi.1.name"}


@pytest.mark.parametrize("numerator", ["rate", "other"])
def test_ratios_never_go_in_circles(numerator: str) -> None:
    found = mistakes(count(), ratio(numerator, "orders"), ratio("rate", "orders", name="other"))
    assert found["kpi.1.numerator"] == f"{numerator} is a ratio itself; a ratio divides what is counted"


def test_both_parts_of_a_ratio_have_the_same_dimensions_in_any_order() -> None:
    facts = {"facts": ["message"]}
    above = count("opens", by=["action", "channel"], **facts)
    registry(above, count("sent", by=["channel", "action"], **facts), ratio("opens", "sent"))
    found = mistakes(above, count("sent", by=["channel"], **facts), ratio("opens", "sent"))
    assert found == {"kpi.2.denominator": "is by channel, the numerator by action, channel: they must be the same"}


def test_a_ratio_has_only_windows_in_which_its_parts_are_counted() -> None:
    found = mistakes(count(windows=["total"]), count("others"), ratio("orders", "others"))
    assert found == {"kpi.2.numerator": "orders has no window day"}


def test_money_by_count_is_money() -> None:
    blocks = (total_of(), count(), ratio("revenue", "orders", name="aov"))
    assert mistakes(*blocks) == {"kpi.2.unit": "micros by count gives micros"}
    registry(*blocks[:2], ratio("revenue", "orders", unit="micros"))


def test_money_is_called_money() -> None:
    assert set(mistakes(total_of(unit="count"))) == {"kpi.0.unit"}
    assert set(mistakes(total_of(field="order_number"))) == {"kpi.0.unit"}


def test_only_numbers_that_all_facts_have_are_summed() -> None:
    assert set(mistakes(total_of(field="guest"))) == {"kpi.0.field"}
    assert set(mistakes(total_of(facts=["order", "refund"], field="order_number"))) == {"kpi.0.field"}


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"gest": True}, "where.gest"),
        ({"guest": 1}, "where.guest"),
        ({"guest": []}, "where.guest"),
        ({"order_number": "1"}, "where.order_number"),
        ({"order_number": [1, 2.0]}, "where.order_number"),
        ({"currency": {"is": "GBP"}}, "where.currency"),
    ],
)
def test_a_condition_that_can_never_be_true_is_a_mistake(where: dict[str, Any], place: str) -> None:
    assert set(mistakes(count(where=where))) == {f"kpi.0.{place}"}


def test_a_condition_on_a_closed_list_says_what_is_in_it() -> None:
    found = mistakes(count(facts=["refund"], where={"kind": ["refunded", "returned"]}))
    assert found["kpi.0.where.kind"] == "kind of refund is one of refunded, cancelled, never 'returned'"


def test_numbers_do_not_split_a_kpi() -> None:
    assert set(mistakes(count(by=["order_number"]))) == {"kpi.0.by.0"}


def test_nothing_is_named_twice() -> None:
    found = mistakes(count(facts=["order", "order"]), count("b", windows=["day", "day"]), count("c", by=["guest"] * 2))
    assert set(found) == {"kpi.0.facts", "kpi.1.windows", "kpi.2.by"}


def test_a_distinct_kpi_has_a_flag_for_each_of_its_windows_and_no_other() -> None:
    assert set(mistakes(distinct(counted_by={"day": "first_of_day"}))) == {"kpi.0.counted_by"}
    assert set(mistakes(distinct(windows=["day"]))) == {"kpi.0.counted_by.total"}
    assert set(mistakes(distinct(counted_by={"day": "amount", "total": "first_ever"}))) == {"kpi.0.counted_by.day"}


def test_a_distinct_kpi_takes_no_condition_since_its_flag_marks_the_first_fact_of_all() -> None:
    assert set(mistakes(distinct(where={"currency": "GBP"}))) == {"kpi.0.where"}


def test_what_is_published_has_a_meaning_and_what_is_hidden_has_a_use() -> None:
    bare = {"name": "orders", "description": "Orders.", "kind": "count", "facts": ["order"]}
    assert set(mistakes(bare)) == {"kpi.0.layer", "kpi.0.direction", "kpi.0.owner"}
    assert mistakes({**bare, "publish": False}) == {"kpi.0.publish": "neither published nor part of a ratio"}
    registry({**bare, "publish": False}, count("b"), ratio("orders", "b"))


def test_a_value_fits_only_its_own_type() -> None:
    number: FactValue = 1
    assert not FactField(bool).can_be(number)
    assert FactField(int).can_be(number)
