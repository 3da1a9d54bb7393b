"""Dumps: nothing is lost or changed on the way through a file."""

import tempfile
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.dumps.files import DumpWriter, merge_dumps, read_dump, write_dump
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from tests.trying import tried

TOPIC = "shop.purchase.v1"

json_objects = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
)
contents = st.none() | st.binary() | st.text().map(str.encode) | json_objects.map(orjson.dumps)
headers = st.lists(st.tuples(st.text(), st.binary()), max_size=2).map(tuple)
records = st.builds(
    DumpedRecord, st.just(TOPIC), st.none() | st.binary(), st.integers(0, 2**53), contents, headers=headers
)
times = st.lists(st.integers(0, 50)).map(sorted)


def record(timestamp: int, value: bytes = b"{}") -> DumpedRecord:
    return DumpedRecord(TOPIC, b"17850", timestamp, value)


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


@given(st.lists(records, max_size=5), st.sampled_from(["dump.jsonl", "dump.jsonl.gz"]))
def test_a_dump_gives_back_every_byte(some: list[DumpedRecord], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        assert write_dump(path, some) == len(some)
        assert list(read_dump(path)) == some


def test_events_can_be_read_by_people(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", [record(5, b'{"type":"linked"}')])
    assert (tmp_path / "dump.jsonl").read_bytes() == (
        b'{"topic":"shop.purchase.v1","key":"17850","timestamp":5,"value":{"type":"linked"}}\n'
    )


@pytest.mark.parametrize("value", [b'{"a": 1}', b'{"a":1,"a":2}', b'{"a":1e2}', b"[1]", b"1", b"", b'{"n":1', b"text"])
def test_what_is_no_compact_object_is_kept_as_text(tmp_path: Path, value: bytes) -> None:
    write_dump(tmp_path / "dump.jsonl", [record(5, value)])
    line = orjson.loads((tmp_path / "dump.jsonl").read_bytes())
    assert line["value"] == value.decode()


def test_bytes_that_are_no_text_are_kept_as_base64(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", [record(5, b"\xff\x00")])
    assert orjson.loads((tmp_path / "dump.jsonl").read_bytes())["value_base64"] == "/wA="


def test_an_object_written_by_hand_becomes_compact_json(tmp_path: Path) -> None:
    line = '{ "topic": "t", "key": null, "timestamp": 7, "value": {"a": [1, 2]}, "note": "ignored" }'
    assert list(read_dump(written(tmp_path / "d", line))) == [DumpedRecord("t", None, 7, b'{"a":[1,2]}')]


def test_a_list_and_headers_may_be_written_by_hand(tmp_path: Path) -> None:
    line = '{"topic": "t", "key": null, "timestamp": 7, "value": [{"a": 1}], "headers": [{"name": "h", "value": "v"}]}'
    expected = DumpedRecord("t", None, 7, b'[{"a":1}]', headers=(("h", b"v"),))
    assert list(read_dump(written(tmp_path / "d", line))) == [expected]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("{", "one whole object"),
        (
            '{"topic":"t","key":null,"timestamp":1,"value":null,"headers":[{"name":1,"value":"v"}]}',
            "`name` of a header",
        ),
        ("[]", "not an object"),
        ('{"topic":"t","key":null,"value":null}', "`timestamp` a whole number"),
        ('{"topic":"t","key":null,"timestamp":true,"value":null}', "`timestamp` a whole number"),
        ('{"topic":"t","key":null,"timestamp":1.5,"value":null}', "`timestamp` a whole number"),
        ('{"topic":"t","key":null,"timestamp":-1,"value":null}', "`timestamp` a whole number"),
        ('{"topic":"t","key":null,"timestamp":1}', "needs either `value` or `value_base64`"),
        ('{"topic":"t","timestamp":1,"value":null}', "needs either `key` or `key_base64`"),
        ('{"topic":"t","key":null,"timestamp":1,"value":"a","value_base64":"YQ=="}', "needs either"),
        ('{"topic":"t","key":{},"timestamp":1,"value":null}', "`key` must be a string or null"),
        ('{"topic":"t","key":null,"timestamp":1,"value":1}', "`value` must be an object, a list, a string or null"),
        ('{"topic":"t","key":null,"timestamp":1,"value_base64":"?"}', "base64"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_the_remedy(tmp_path: Path, line: str, remedy: str) -> None:
    path = written(tmp_path / "dump.jsonl", '{"topic":"t","key":null,"timestamp":1,"value":null}', line)
    with pytest.raises(DumpError) as error:
        list(read_dump(path))
    assert str(error.value).startswith(f"{path}:2: ")
    assert remedy in str(error.value)


def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl.gz"
    write_dump(path, [record(n) for n in range(500)])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DumpError, match="cut off"):
        list(read_dump(path))


@given(st.lists(times, min_size=1, max_size=4))
@tried(50)
def test_the_merge_is_ordered_and_loses_nothing(dumps: list[list[int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{n}.jsonl" for n in range(len(dumps))]
        for number, (path, moments) in enumerate(zip(paths, dumps, strict=True)):
            write_dump(path, [record(at, b"%d" % number) for at in moments])
        merged = [(r.timestamp, int(r.value or b"")) for r in merge_dumps(paths)]
    assert merged == sorted((at, number) for number, moments in enumerate(dumps) for at in moments)


def test_a_dump_that_goes_back_in_time_cannot_be_merged(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    write_dump(path, [record(2), record(1)])
    with pytest.raises(DumpError, match=r"dump\.jsonl:2: .*sort"):
        list(merge_dumps([path]))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = written(tmp_path / "dump.jsonl", "old")
    with pytest.raises(ZeroDivisionError):
        write_dump(path, (record(1 // n) for n in (1, 0)))
    assert path.read_text(encoding="utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dump_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "dump.jsonl"
    with DumpWriter(path) as dump:
        dump.write(record(1))
        assert not path.exists()
    assert list(read_dump(path)) == [record(1)]


def test_the_same_records_make_the_same_gzip_bytes(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_dump(tmp_path / name, [record(1), record(2)])
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_progress_is_told_every_thousand_records_and_at_the_end(tmp_path: Path) -> None:
    told: list[int] = []
    write_dump(tmp_path / "dump.jsonl", (record(n) for n in range(2_500)), told.append)
    assert told == [1_000, 2_000, 2_500]
