"""Conditions of any shape, for laws over all of them."""

from typing import Any

from hypothesis import strategies as st

Conditions = st.SearchStrategy[dict[str, Any]]


def trees(leaves: Conditions, *, most_parts: int, most_leaves: int) -> Conditions:
    """Leaves under `all`, `any` and `not`, as they stand in a file."""
    return st.recursive(
        leaves,
        lambda inner: (
            st.fixed_dictionaries({"all": st.lists(inner, max_size=most_parts)})
            | st.fixed_dictionaries({"any": st.lists(inner, max_size=most_parts)})
            | st.fixed_dictionaries({"not": inner})
        ),
        max_leaves=most_leaves,
    )
