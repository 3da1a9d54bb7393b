"""A condition that compares a trait with another kind of value is never true, and a replay says so."""

from pathlib import Path
from typing import Any

import pytest

from streamproc.customer.codec import encode
from streamproc.customer.state import Customer
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.offline.replay.never_fit import FLAG, NUMBER, TEXT, NeverFits, comparisons_that_never_fit
from streamproc.offline.replay.states import write_states
from tests.builders import plan

Age = str | int | float | None


def never(tmp_path: Path, condition: dict[str, Any], *ages: Age) -> list[NeverFits]:
    states = [
        (
            DECIDE_STATE_TOPIC,
            0,
            f"c/{number}".encode(),
            encode(Customer("c/1", 0, 0, traits={} if age is None else {"age": age})),
        )
        for number, age in enumerate(ages)
    ]
    write_states(tmp_path / "state.jsonl", states)
    segments = [{"name": "adults", "where": [condition]}]
    return comparisons_that_never_fit(plan(segments=segments), tmp_path / "state.jsonl")


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"trait": "age", "at_least": 18}, NUMBER),
        ({"trait": "age", "equals": True}, FLAG),
        ({"not": {"any": [{"trait": "age", "below": 18}]}}, NUMBER),
    ],
)
def test_text_that_a_number_or_a_flag_is_compared_with_is_told(
    tmp_path: Path, condition: dict[str, Any], wanted: str
) -> None:
    assert never(tmp_path, condition, "35", "17", None) == [NeverFits("segment adults", "age", wanted, TEXT, 2)]


@pytest.mark.parametrize("ages", [(35,), (35.5, "old"), (None,), ()])
def test_what_fits_somebody_or_what_nobody_has_is_not_told(tmp_path: Path, ages: tuple[Age, ...]) -> None:
    assert never(tmp_path, {"trait": "age", "at_least": 18}, *ages) == []
