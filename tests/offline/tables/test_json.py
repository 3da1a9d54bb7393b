"""JSON lines and arrays are read like tables: objects are rows, and paths are columns."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.config_error import ConfigError
from streamproc.events.purchase import OrderPlaced
from streamproc.offline.tables import json_rows
from streamproc.offline.tables.json_rows import flat_objects
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.rejects import rejects_path
from tests.offline.tables.tables import Import

MAPPING = """
name = "shop"
[time]
column = "created"
[[event]]
type = "order_placed"
[fields]
customer_id = "customer.id"
order_id = "id"
currency = { value = "EUR" }
[items]
columns = "lines"
[lines]
sku = "product.sku"
quantity = "qty"
unit_price = "price"
"""
LINE = {"product": {"sku": "a"}, "qty": 2, "price": 2.5}


def order(number: int, **values: object) -> dict[str, object]:
    return {"id": number, "created": "2024-05-01", "customer": {"id": "ada"}, "lines": [LINE], **values}


def as_lines(*orders: object) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in orders)


@pytest.mark.parametrize(
    "content",
    [
        as_lines(order(1), order(2)),
        json.dumps([order(1), order(2)]).encode(),
        json.dumps([order(1), order(2)], indent=2).encode(),
        b"\xef\xbb\xbf\n" + json.dumps([order(1), order(2)], indent="\t").encode().replace(b"\n", b"\r\n"),
        json.dumps(order(1), indent=1).encode() + b"\n" + json.dumps(order(2), indent=1).encode(),
    ],
)
def test_objects_on_lines_or_in_an_array_are_rows(run: Import, content: bytes) -> None:
    report = run(MAPPING, content)
    assert (report.rows, report.in_events, report.bad) == (2, 2, {})
    first, second = run.events
    assert isinstance(first, OrderPlaced)
    assert isinstance(second, OrderPlaced)
    assert (first.order_id, first.customer_id, first.amount) == ("1", "ada", 5_000_000)
    assert second.event_id == "shop-2"


def test_json_may_be_gzipped(run: Import) -> None:
    run(MAPPING, as_lines(order(1)), name="orders.jsonl.gz")
    assert run.order.order_id == "1"


def test_an_id_of_64_bits_and_an_amount_are_never_a_fraction(run: Import) -> None:
    line = LINE | {"price": 0.1, "qty": 3}
    run(MAPPING, as_lines(order(9_007_199_254_740_993, lines=[line])))
    assert (run.order.order_id, run.order.amount) == ("9007199254740993", 300_000)


def test_null_and_a_missing_key_are_empty_cells(run: Import) -> None:
    run(MAPPING, as_lines(order(1), order(2, customer={"id": None}), order(3, customer={})))
    assert [event.customer_id for event in run.events] == ["ada", None, None]


@pytest.mark.parametrize("broken", [b'{"id": 2, "created', b"two", b"[1, 2]", b'{"id": {', b'{"id": "\xff"}', b'"x"'])
def test_a_line_that_is_no_object_costs_itself(run: Import, broken: bytes) -> None:
    report = run(MAPPING, b"\n".join([as_lines(order(1)), broken, as_lines(order(3), order(4))]))
    assert (report.rows, report.in_events, report.bad) == (4, 3, {"file": 1})
    [[_, line, reason, *cells]] = run.rejected
    assert (line, reason) == ("2", "file: no JSON object")
    assert cells == [broken.decode(errors="surrogateescape")]


def test_rejected_objects_are_a_table_to_be_mended(run: Import) -> None:
    report = run(
        MAPPING.replace("[time]", '[file]\nencoding = "utf-8"\n[time]'), as_lines(order(1, created="never"), order(2))
    )
    assert report.bad == {"time": 1}
    run(MAPPING, rejects_path(run.out).read_bytes().replace(b",never,", b",2024-05-02,"))
    assert (run.order.order_id, run.order.amount) == ("1", 5_000_000)


def test_a_key_that_is_nowhere_is_told(run: Import) -> None:
    with pytest.raises(ConfigError, match=r"has no column 'customer\.id'"):
        run(MAPPING, as_lines({"id": 1, "created": "2024-05-01", "lines": []}))


def test_lines_that_are_no_array_of_objects_put_the_order_aside(run: Import) -> None:
    report = run(MAPPING, as_lines(order(1, lines=[1, 2]), order(2)))
    assert report.bad == {"items": 1}


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory(
    run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamproc.offline.tables.lines.MOST_CHARACTERS", 100)
    with pytest.raises(TableError, match="write one object a line"):
        run(MAPPING, json.dumps([order(1), order(2)]).encode())


def test_objects_without_an_end_of_keys_are_no_rows(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MOST_COLUMNS", 3)
    with pytest.raises(TableError, match="they are no rows"):
        run(MAPPING, as_lines(*({str(number): 1} for number in range(5))))


OBJECTS = st.lists(
    st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans() | st.none()), max_size=4
)


@given(OBJECTS, st.sampled_from([None, 0, 2]), st.booleans())
def test_whatever_is_written_as_json_is_read_as_it_was(
    objects: list[dict[str, object]], indent: int | None, ascii_only: bool
) -> None:
    written = flat_objects(json.dumps(objects, indent=indent, ensure_ascii=ascii_only))
    words = {None: "", True: "true", False: "false"}
    assert written == [
        {key: words[value] if isinstance(value, bool | None) else str(value) for key, value in each.items()}
        for each in objects
    ]


@given(st.text('{}[],:"a1\\\n ', max_size=80))
def test_no_text_ends_the_reading(text: str) -> None:
    found = flat_objects(text)
    assert found is None or isinstance(found, list)
