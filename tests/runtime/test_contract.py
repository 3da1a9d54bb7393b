"""Faust's and aiokafka's insides that the runtime leans on, as they were when it was measured against them.

When one of these tests fails, somebody upgraded: read the change, check what is written beside the name, run
`pytest -m faults`, and only then put the new hash into `leaned_on.py`.
"""

import ast
import asyncio
import hashlib
import importlib
import inspect
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.subscription_state import TopicPartitionState
from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage

import streamproc
from streamproc.runtime.worker import transport
from streamproc.runtime.worker.app import wrong_libraries
from tests.runtime.leaned_on import OVERRIDDEN, PRIVATE, USED, Leaned


def find(place: str) -> Any:
    module, _, path = place.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def source_hash(place: str) -> str:
    source = inspect.getsource(inspect.unwrap(find(place)))
    return hashlib.sha256(source.encode()).hexdigest()[:12]


@pytest.mark.parametrize("leaned", [*OVERRIDDEN, *USED], ids=lambda leaned: leaned.place)
def test_what_the_runtime_leans_on_is_as_it_was(leaned: Leaned) -> None:
    now = source_hash(leaned.place)
    assert now == leaned.source, f"{leaned.place} is {now} now; check this: {leaned.relies_on}"


def test_the_versions_are_the_measured_ones() -> None:
    assert wrong_libraries(version) == ""


def test_another_version_is_told_with_both() -> None:
    assert wrong_libraries(lambda name: "9.9") == "faust-streaming is 9.9, not 0.15.3, aiokafka is 9.9, not 0.14.0"


def foreign_privates(source: str) -> set[str]:
    """Private attributes of other objects, and those of `self` that no class in the file defines or assigns."""
    nodes = list(ast.walk(ast.parse(source)))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {node.attr for node in attributes if isinstance(node.ctx, ast.Store) and is_self(node.value)}
    own |= {node.target.id for node in nodes if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    return {
        node.attr
        for node in attributes
        if not node.attr.startswith("__") and node.attr not in PUBLIC_ANYWAY | (own if is_self(node.value) else set())
    }


PUBLIC_ANYWAY = {"_replace", "_fields", "_asdict", "_value_", "_exit"}
"""Named tuples, enumerations and `os` begin public names so."""


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def test_no_other_private_name_is_used() -> None:
    package = Path(streamproc.__file__).parent
    found = {str(path.relative_to(package)): foreign_privates(path.read_text()) for path in package.rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == PRIVATE


@pytest.mark.parametrize("leaned", OVERRIDDEN, ids=lambda leaned: leaned.place)
def test_each_overridden_name_is_overridden(leaned: Leaned) -> None:
    name = leaned.place.rpartition(".")[2]
    ours = transport.ConsumerThread if "AIOKafkaConsumerThread" in leaned.place else transport.Consumer
    assert name in vars(ours)


def test_all_overridden_names_are_in_the_list() -> None:
    listed = {leaned.place.rpartition(".")[2] for leaned in OVERRIDDEN}
    for ours, theirs in (
        (transport.ConsumerThread, driver.AIOKafkaConsumerThread),
        (transport.Consumer, driver.Consumer),
    ):
        same = {name for name in vars(ours) if not name.startswith("__") and callable(getattr(theirs, name, None))}
        # on_start and on_started are mode's, and empty in Faust's consumer
        assert same - {"on_start", "on_started", "logger", "_init_subclass_logger"} <= listed


def test_a_message_is_made_as_the_transport_makes_it() -> None:
    assert list(inspect.signature(ConsumerMessage.__init__).parameters)[1:13] == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestamp_type",
        "headers",
        "key",
        "value",
        "checksum",
        "serialized_key_size",
        "serialized_value_size",
        "tp",
    ]


def test_a_partitions_state_tells_position_and_stable_end() -> None:
    async def seek_to_seven() -> tuple[bool, Any, int]:
        state = TopicPartitionState(assignment=None)
        was_valid, lso = state.has_valid_position, state.lso
        state.seek(7)
        return was_valid, lso, state.position

    assert asyncio.run(seek_to_seven()) == (False, None, 7)


def test_fausts_and_aiokafkas_partitions_are_one() -> None:
    assert {driver.TP("events", 1): True}[TopicPartition("events", 1)]
