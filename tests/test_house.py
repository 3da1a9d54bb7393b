"""The rule of the house, where import-linter does not look: no file needs one that needs it, in no room."""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

ROOMS = ("decide", "models")
"""Whose rooms stand on each other; those of `runtime/` have an order, which import-linter holds."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("streamproc", cache_dir=None)


def room_of(file: str, whole: str) -> str:
    """The room of a file within a package; empty for what lies beside its rooms."""
    return file.removeprefix(f"{whole}.").rpartition(".")[0].partition(".")[0]


def circle_of(imports: dict[str, set[str]]) -> list[str]:
    """Files that import each other in a circle, the first one again at the end; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_files_import_each_other_in_a_circle(graph: grimp.ImportGraph) -> None:
    assert circle_of({file: graph.find_modules_directly_imported_by(file) for file in graph.modules}) == []


@pytest.mark.parametrize("package", ROOMS)
def test_no_rooms_of_a_package_need_each_other(graph: grimp.ImportGraph, package: str) -> None:
    whole = f"streamproc.{package}"
    needs: dict[str, set[str]] = defaultdict(set)
    for file in graph.find_descendants(whole):
        room = room_of(file, whole)
        others = {room_of(each, whole) for each in graph.find_modules_directly_imported_by(file) if whole in each}
        if room:
            needs[room] |= others - {room, ""}
    assert len(needs) > 5
    assert circle_of(needs) == []


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
