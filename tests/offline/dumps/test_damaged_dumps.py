"""Whatever happened to a dump: it gives records or one sentence, never anything else."""

import gzip
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproc.cli import main
from streamproc.offline.dumps.files import read_dump
from streamproc.offline.dumps.lines import encode_line
from streamproc.offline.dumps.record import DumpedRecord, DumpError
from tests.trying import tried

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from streamproc.offline.dumps.parquet import SCHEMA, write_parquet  # noqa: E402  needs pyarrow

RECORDS = [
    DumpedRecord("shop.purchase.v1", b"k", 5 + n, b'{"type":"linked"}', 0, n, (("h", b"v"),), "ab") for n in range(3)
]
LINES = b"".join(map(encode_line, RECORDS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)

NAMES = ["topic", "key", "timestamp", "value", "partition", "offset", "topic_id", "headers", "key_base64"]


def parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(Path(folder) / "d.parquet", RECORDS)
        return (Path(folder) / "d.parquet").read_bytes()


WHOLE = {".jsonl": LINES, ".jsonl.gz": gzip.compress(LINES, mtime=0), ".parquet": parquet()}


@tried(300)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_dump_with_other_bytes_in_it_gives_records_or_one_sentence(suffix: str, data: Any) -> None:
    content = bytearray(WHOLE[suffix])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    reads(suffix, bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]))


@pytest.mark.slow
@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_a_line_of_anything_gives_a_record_or_one_sentence(fields: dict[str, Any]) -> None:
    import json

    whole = {"topic": "t", "key": None, "timestamp": 5, "value": "x"} | fields
    reads(".jsonl", json.dumps(whole).encode())


def reads(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"dump{suffix}"
        path.write_bytes(content)
        try:
            list(read_dump(path))
        except DumpError:
            return


def table(column: str, type_: Any, values: list[Any]) -> Any:
    rows = [dict.fromkeys(SCHEMA.names) | {"topic": "t", "timestamp": 5, "headers": []}]
    whole = pa.Table.from_pylist(rows, SCHEMA)
    return whole.set_column(SCHEMA.names.index(column), pa.field(column, type_), pa.array(values, type_))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "type_", "values"),
    [
        ("timestamp", pa.timestamp("us"), [5]), ("timestamp", pa.string(), ["5"]), ("timestamp", pa.int64(), [None]),
        ("timestamp", pa.int64(), [-1]), ("topic", pa.int64(), [5]), ("topic", pa.string(), [None]),
        ("value", pa.list_(pa.int64()), [[5]]), ("headers", pa.string(), ["x"]), ("offset", pa.float64(), [0.5]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["replay", "backtest"])
def test_a_parquet_file_of_other_columns_is_told_in_one_sentence(
    command: str, column: str, type_: Any, values: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "d.parquet"
    pq.write_table(table(column, type_, values), path)
    with pytest.raises(DumpError, match="no dump"):
        list(read_dump(path))
    told = CliRunner().invoke(main, [command, str(path), "--out", str(tmp_path / "out")])
    assert (told.exit_code, "no dump" in told.output) == (2, True), told.output


def test_a_parquet_file_without_a_column_is_told_in_one_sentence(tmp_path: Path) -> None:
    pq.write_table(pa.table({"topic": ["t"]}), tmp_path / "d.parquet")
    with pytest.raises(DumpError, match="no column topic_id"):
        list(read_dump(tmp_path / "d.parquet"))
