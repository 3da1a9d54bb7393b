"""Rows that are put aside have files of their own, and an import takes nothing away that it did not write."""

import csv
from pathlib import Path

import pytest

from streamproc.events.purchase import OrderPlaced
from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import ImportReport, import_tables, read_mapping
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.rejects import rejects_path
from tests.offline.tables.tables import HEADER, ORDERS, Import

BAD = "2024-05-01,ada,1,a,x,1"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def imported(mapping: Path, table: Path, out: Path) -> ImportReport:
    return import_tables(read_mapping(mapping, [table]), [table], out, ignore_progress)


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


def test_each_dump_has_its_own_rejects(mapping: Path, tmp_path: Path) -> None:
    table = written(tmp_path / "t.csv", HEADER, BAD)
    for name in ("a.2024.jsonl", "a.2025.jsonl", "a.2025.jsonl.gz"):
        imported(mapping, table, tmp_path / name)
    assert {path.name for path in tmp_path.glob("*rejected*")} == {
        f"{name}.rejected.csv" for name in ("a.2024.jsonl", "a.2025.jsonl", "a.2025.jsonl.gz")
    }


def test_rejects_of_another_import_to_the_same_dump_are_replaced(mapping: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    imported(mapping, written(tmp_path / "t.csv", HEADER, BAD), out)
    assert rejects_path(out).exists()
    imported(mapping, written(tmp_path / "t.csv", HEADER, BAD.replace("x", "1")), out)
    assert not rejects_path(out).exists()


def test_tables_with_other_columns_have_rejects_of_their_own(run: Import, tmp_path: Path) -> None:
    turned = ",".join(reversed(HEADER.split(",")))
    report = run(
        ORDERS, [HEADER, BAD], [turned, ",".join(reversed(BAD.split(",")))], [HEADER, BAD.replace("1,a", "2,a")]
    )
    assert [path.name for path in report.rejects] == ["out.jsonl.rejected.csv", "out.jsonl.rejected-2.csv"]
    headings = []
    for path in report.rejects:
        with path.open(newline="", encoding="utf-8") as file:
            headings.append(next(csv.reader(file))[3:])
    assert headings == [HEADER.split(","), turned.split(",")]
    again = [Path(path.rename(path.with_name(f"mended{number}.csv"))) for number, path in enumerate(report.rejects)]
    for path in again:
        path.write_text(path.read_text().replace(",x,", ",1,"), encoding="utf-8")
    import_tables(read_mapping(tmp_path / "mapping.toml", again), again, run.out, ignore_progress)
    assert [event.order_id for event in run.events if isinstance(event, OrderPlaced)] == ["1", "2"]


def test_rows_of_two_files_in_one_table_of_rejects_are_still_of_two_files(run: Import) -> None:
    one = "2024-05-01,ada,1,a,1,1"
    both = [one, "2024-05-01,ada,1,b,1,1"]
    run(ORDERS, [HEADER, one], [HEADER, *both])
    report = run(ORDERS, rejects_path(run.out).read_bytes())
    assert report.bad == {"order": 3}


def test_a_table_that_is_read_is_never_replaced(mapping: Path, tmp_path: Path) -> None:
    table = written(tmp_path / "orders.csv", HEADER, BAD)
    rejects = written(tmp_path / "out.jsonl.rejected.csv", f"file,line,reason,{HEADER}", f"t.csv,2,why,{BAD}")
    for read, out in ((table, table), (rejects, tmp_path / "out.jsonl")):
        before = read.read_text()
        with pytest.raises(TableError, match="choose another --out"):
            imported(mapping, read, out)
        assert read.read_text() == before


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.rejected.csv", "out.jsonl.rejected-2.csv"])
def test_what_no_import_has_written_is_never_replaced(mapping: Path, tmp_path: Path, name: str) -> None:
    other = written(tmp_path / name, "somebody's", "work")
    with pytest.raises(TableError, match="no import has written it"):
        imported(mapping, written(tmp_path / "t.csv", HEADER, BAD), tmp_path / "out.jsonl")
    assert other.read_text() == "somebody's\nwork\n"


def test_a_dump_of_before_is_replaced(mapping: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "out.jsonl.gz", written(tmp_path / "t.csv", HEADER, "2024-05-01,ada,1,a,1,1")
    imported(mapping, table, out)
    imported(mapping, table, out)
    assert len(list(merge_dumps([out]))) == 1
