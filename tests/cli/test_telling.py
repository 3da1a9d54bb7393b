"""Every output reads as a line for a person; what nobody foresaw is shown as it is."""

from pathlib import Path

import orjson
import pytest

from streamproc.cli.telling import amount, told

EXAMPLES = Path(__file__).parents[2] / "topics" / "examples"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("trigger_emitted", ("trigger", "customer c-1042 by email")),
        ("offer_chosen", ("offer", "customer c-1042", "chosen with ", " %, ", "candidate")),
        ("trigger_suppressed", ("deferred", "customer c-1042", "until")),
        ("trigger_retracted", ("retracted", "customer c-1042", "order_placed")),
        ("score_computed", ("score", "churn 0.", "customer c-1042")),
        ("segment_changed", ("segment", "customer c-1042", "entered")),
        ("kpi_measured", ("kpi", "=")),
    ],
)
def test_an_output_is_one_line(name: str, parts: tuple[str, ...]) -> None:
    line = told("topic", (EXAMPLES / f"{name}.json").read_bytes()).plain
    assert "\n" not in line
    assert [part for part in parts if part not in line] == []


def test_the_values_of_a_trigger_are_written_without_needless_zeros() -> None:
    trigger = orjson.loads((EXAMPLES / "trigger_emitted.json").read_bytes())
    trigger["values"] = {"orders_total": 1.0, "spent": 1234567.5, "name": "ada"}
    assert "(orders_total 1, spent 1234567.5, name ada)" in told("topic", orjson.dumps(trigger)).plain


def test_an_unknown_output_is_shown_with_its_topic() -> None:
    assert told("some.topic.v1", orjson.dumps({"type": "new"})).plain == 'some.topic.v1 {"type":"new"}'


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ratio", "unknown"),
        (480_870_000, "micros", "480.87"),
        (0.6558, "ratio", "65.58%"),
        (18532, "count", "18,532"),
    ],
)
def test_a_value_is_written_as_people_write_it(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text
