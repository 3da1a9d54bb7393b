"""The rule of the house, where import-linter does not look: no file needs one that needs it, in no room."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


def circle_of(imports: dict[str, set[str]]) -> list[str]:
    """Files that import each other in a circle, the first one again at the end; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("streamproc", cache_dir=None)
    assert circle_of({file: graph.find_modules_directly_imported_by(file) for file in graph.modules}) == []


@pytest.mark.parametrize(
    ("imports", "circle"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, set()),
        ({"a": {"b"}, "b": {"a"}}, {"a", "b"}),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, {"b", "c"}),
    ],
)
def test_a_circle_is_seen_and_named(imports: dict[str, set[str]], circle: set[str]) -> None:
    assert set(circle_of(imports)) == circle
