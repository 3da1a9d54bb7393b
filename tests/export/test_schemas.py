"""The schemas say what the code does: the examples fit both, and what is wrong is wrong for both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from streamproc.events.adapters import ADAPTERS, NATIVE
from streamproc.events.adapters.native import parse
from streamproc.events.log import LogRecord, decode_record, encode_event, encode_record
from streamproc.events.rejected import Rejected
from streamproc.events.times import epoch_ms
from streamproc.events.tolerance import Mended
from streamproc.export.asyncapi import EXAMPLES_FOLDER, example_paths
from streamproc.export.messages import LOG_RECORD, MESSAGES
from streamproc.export.schemas import schema_of

ROOT = Path(__file__).parents[2]
RAW = [name for name, message in MESSAGES.items() if message.direction == "given" and name != LOG_RECORD]
MADE = [name for name, message in MESSAGES.items() if message.direction == "made"]
OTHER_VALUES: tuple[object, ...] = (None, "", 17, True, "x" * 3000, [], {})
EXAMPLES = [(path, name) for name, message in MESSAGES.items() for path in example_paths(ROOT, message)]


def example(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = orjson.loads((ROOT / EXAMPLES_FOLDER / f"{name}.json").read_bytes())
    return tree


def fits(name: str, tree: object) -> bool:
    return bool(Draft202012Validator(schema_of(MESSAGES[name])).is_valid(tree))


def damaged(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The message with one thing changed: a field gone, empty, or of another type; and with no subject."""
    for field in tree:
        yield {name: value for name, value in tree.items() if name != field}
        for value in OTHER_VALUES:
            if field not in {"occurred_at", "sent_at", "through"} or not isinstance(value, str):
                yield {**tree, field: value}
    yield {name: value for name, value in tree.items() if name not in {"customer_id", "anonymous_id"}}
    yield {**tree, "a_field_of_tomorrow": 1}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(MESSAGES[name]))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_an_example(name: str) -> None:
    assert example_paths(ROOT, MESSAGES[name])


def test_every_example_belongs_to_a_message() -> None:
    files = {path for path in (ROOT / EXAMPLES_FOLDER).iterdir() if path.is_file()}
    assert {path for path, _ in EXAMPLES} == files


def test_every_folder_of_examples_belongs_to_an_adapter() -> None:
    assert {path.name for path in (ROOT / EXAMPLES_FOLDER).iterdir() if path.is_dir()} == ADAPTERS.keys() - {NATIVE}


@pytest.mark.parametrize(("path", "name"), EXAMPLES, ids=[path.stem for path, _ in EXAMPLES])
def test_every_example_fits_its_schema(path: Path, name: str) -> None:
    Draft202012Validator(schema_of(MESSAGES[name])).validate(orjson.loads(path.read_bytes()))


@pytest.mark.parametrize("name", RAW)
def test_every_raw_example_is_parsed(name: str) -> None:
    assert isinstance(parse(orjson.dumps(example(name))), MESSAGES[name].cls)


@pytest.mark.slow
@pytest.mark.parametrize("name", RAW)
def test_a_schema_takes_what_parsing_takes_as_it_is_or_set_right_and_nothing_else(name: str) -> None:
    for tree in damaged(example(name)):
        said = parse(orjson.dumps(tree))
        if isinstance(said, Rejected):
            assert not fits(name, tree), tree
            continue
        event = said.event if isinstance(said, Mended) else said
        assert event.type != name or fits(name, orjson.loads(encode_event(event))), tree


@pytest.mark.parametrize("name", MADE)
def test_every_example_of_ours_is_exactly_what_its_class_writes(name: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(MESSAGES[name].cls)
    assert orjson.loads(orjson.dumps(adapter.validate_python(example(name)))) == example(name)


@pytest.mark.parametrize("name", MADE)
def test_a_message_of_ours_always_has_all_fields(name: str) -> None:
    for field in example(name):
        assert not fits(name, {other: value for other, value in example(name).items() if other != field}), field


@pytest.mark.parametrize("path", example_paths(ROOT, MESSAGES[LOG_RECORD]), ids=lambda path: path.stem)
def test_every_log_example_is_read_and_written_again_the_same(path: Path) -> None:
    record = decode_record(path.read_bytes())
    assert isinstance(record, LogRecord)
    again = encode_record(record.event, epoch_ms(record.at), epoch_ms(record.received_at), record.src)
    assert decode_record(again) == record
    assert fits(LOG_RECORD, orjson.loads(again))
