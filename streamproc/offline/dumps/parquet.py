"""Dumps in Parquet: the same records as in JSON lines, in columns, for whoever analyses them with other tools."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from streamproc.offline.dumps.record import DumpedRecord, DumpError
from streamproc.printable import printable
from streamproc.whole_file import written_aside

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise DumpError("Parquet needs pyarrow; install it with: pip install 'streamproc[offline]'") from error

ROWS_AT_ONCE = 20_000
_HEADER = pa.struct([("name", pa.string()), ("value", pa.binary())])
SCHEMA = pa.schema(
    [
        ("topic", pa.string()), ("topic_id", pa.string()), ("partition", pa.int32()), ("offset", pa.int64()),
        ("timestamp", pa.int64()), ("key", pa.binary()), ("value", pa.binary()), ("headers", pa.list_(_HEADER)),
    ]
)  # fmt: skip


def write_parquet(path: Path, records: Iterable[DumpedRecord]) -> None:
    """Write all records; the file appears under its name when it is complete."""
    rows = iter(records)
    with written_aside(path) as aside, pq.ParquetWriter(aside, SCHEMA, compression="zstd") as writer:
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist([_row(record) for record in batch], SCHEMA))


def read_parquet(path: Path) -> Iterator[DumpedRecord]:
    """The records of a file in its order.

    Raises:
        DumpError: it is cut off, or holds something else.
    """
    try:
        with pq.ParquetFile(path) as file:
            if wrong := _other_columns(file.schema_arrow):
                raise DumpError(f"{path}: no dump: {wrong}; `streamproc dump` writes one")
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=SCHEMA.names):
                yield from map(_record, batch.to_pylist())
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, DumpError):
            raise
        raise DumpError(f"{path}: no dump, or one that is damaged ({printable(str(error))}); write it anew") from error


def _other_columns(schema: Any) -> str | None:
    """What is missing or of another type than in a dump."""
    for column in SCHEMA:
        if schema.get_all_field_indices(column.name) == []:
            return f"it has no column {column.name}"
        found = schema.field(column.name).type
        if found != column.type:
            return f"its column {column.name} is {found}, not {column.type}"
    return None


def _row(record: DumpedRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in SCHEMA.names}
    return row | {"headers": [{"name": name, "value": value} for name, value in record.headers]}


def _record(row: dict[str, Any]) -> DumpedRecord:
    headers = tuple((head["name"], head["value"]) for head in row.pop("headers") or ())
    if row["topic"] is None or row["timestamp"] is None or row["timestamp"] < 0:
        raise ValueError("a record without topic or time")
    return DumpedRecord(**row, headers=headers)
