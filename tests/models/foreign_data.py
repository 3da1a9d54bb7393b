"""What may come instead of an artefact of ours: any JSON, and ours with something changed in it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 1e308, -1e308, 5e-324, 2**53 + 1]),
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = st.one_of(st.sampled_from(["is", "model", "version", "steps"]), WORDS)
LEAVES = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.sampled_from(["nan", "inf", "-inf", "Pipeline", "ProgressiveMetrics"]), WORDS
)


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value."""
    return st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
    )


def places(data: object) -> Iterator[tuple[Any, Any]]:
    """Every container in it with each of its keys or indexes."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, held in inside:
        yield data, key
        yield from places(held)


@st.composite
def mutated(draw: st.DrawFn, good: object) -> object:
    """An artefact's data with up to three changes: a value replaced, taken away, or put there twice."""
    data = deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(data))
        if not found:
            break
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                holder[key] = draw(json_values())
            case "remove":
                del holder[key]
            case _ if isinstance(holder, list):
                holder.append(deepcopy(holder[key]))
            case _:
                holder[draw(NAMES)] = draw(json_values())
    return data
