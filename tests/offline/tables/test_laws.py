"""What holds of every import, whatever is in the tables."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import ImportReport, import_tables, read_mapping
from streamproc.offline.tables.rejects import rejects_path
from tests.offline.tables.tables import HEADER, ORDERS
from tests.trying import tried

Folder = Callable[[], Path]
Lines = list[bytes]

BREAKING: dict[str, Callable[[Lines], Lines]] = {
    "cut off": lambda cells: cells[:3],
    "a column too much": lambda cells: [*cells, b"surplus"],
    "no time": lambda cells: [b"never", *cells[1:]],
    "no text": lambda cells: [cells[0], b"\xff", *cells[2:]],
    "a customer of its own": lambda cells: [cells[0], b"eve\x01", *cells[2:]],
    "an open quote": lambda cells: [*cells[:3], b'"15in', *cells[4:]],
    "a quote in the middle": lambda cells: [*cells[:3], b'"15" in', *cells[4:]],
    "no number": lambda cells: [*cells[:4], b"one", *cells[5:]],
    "a negative price": lambda cells: [*cells[:5], b"-1"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A new folder for each example, with the mapping in it."""

    def made() -> Path:
        path = tmp_path_factory.mktemp("law")
        (path / "mapping.toml").write_text(ORDERS, encoding="utf-8")
        return path

    return made


@st.composite
def orders(draw: st.DrawFn) -> list[Lines]:
    """Orders, each as the lines of a table."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        customer, minute = draw(st.sampled_from(["ada", "bob", ""])), draw(st.integers(0, 59))
        pieces = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
        skus = draw(st.permutations(["mug", '"cup, blue"', '"two\nlines"']))
        found.append(
            [f"2024-05-01 12:{minute:02},{customer},{number + 1},{sku},{count},2.5".encode()
             for sku, count in zip(skus, pieces, strict=False)]
        )  # fmt: skip
    return found


def written(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"\n".join([HEADER.encode(), *lines, b""]))
    return path


def imported(folder: Path, files: list[Path], out: str) -> tuple[ImportReport, dict[str, bytes | None]]:
    """The report, and the events by their ids."""
    mapping = read_mapping(folder / "mapping.toml", files)
    report = import_tables(mapping, files, folder / out, ignore_progress)
    events = [record.value or b"" for record in merge_dumps([folder / out])]
    found = {event.split(b'"event_id":"')[1].split(b'"')[0].decode(): event for event in events}
    assert len(found) == len(events) == report.events.total()
    return report, {**found}


def interleaved(draw: st.DataObject, groups: list[Lines]) -> Lines:
    """The lines of all orders in any order; those of one order keep theirs."""
    places = draw.draw(st.permutations([number for number, lines in enumerate(groups) for _ in lines]))
    left = [iter(lines) for lines in groups]
    return [next(left[number]) for number in places]


def adds_up(report: ImportReport) -> bool:
    return report.rows == report.in_events + report.left_out.total() + report.bad.total()


@given(text=st.text('ab1,"\n\r;\xa0', max_size=200))
def test_every_line_of_any_text_is_counted_once(folder: Folder, text: str) -> None:
    here = folder()
    (here / "t.csv").write_text(f"{HEADER}\n{text}\n2024-05-01,ada,77,a,1,1\n", encoding="utf-8", newline="")
    report, _ = imported(here, [here / "t.csv"], "out.jsonl")
    lines = [line for line in io.StringIO(text + "\n2024-05-01,ada,77,a,1,1\n", newline="") if line.strip("\r\n")]
    assert adds_up(report)
    assert report.rows >= len(lines)
    if report.rejects:
        with report.rejects[0].open(encoding="utf-8", newline="") as file:
            assert 0 < len(list(csv.reader(file))) - 1 <= report.bad.total()


@tried(40)
@given(groups=orders(), data=st.data())
def test_a_bad_row_puts_its_order_aside_and_no_other_and_mended_it_is_as_if_it_had_been_good(
    folder: Folder, groups: list[Lines], data: st.DataObject
) -> None:
    here = folder()
    clean = interleaved(data, [[line.replace(b"\n", b" ") for line in lines] for lines in groups])
    bad = data.draw(st.dictionaries(st.integers(0, len(clean) - 1), st.sampled_from(sorted(BREAKING)), min_size=1))
    broken = [b",".join(BREAKING[bad[n]](cells(line))) if n in bad else line for n, line in enumerate(clean)]
    _, wanted = imported(here, [written(here / "clean.csv", clean)], "clean.jsonl")
    report, good = imported(here, [written(here / "broken.csv", broken)], "good.jsonl")
    spoilt = {f"shop-{cells(clean[number])[2].decode()}" for number in bad}
    assert adds_up(report)
    assert good == {event_id: event for event_id, event in wanted.items() if event_id not in spoilt}

    mended = here / "mended.csv"
    with rejects_path(here / "good.jsonl").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        heading, *rows = csv.reader(file)
    with mended.open("w", encoding="utf-8", newline="") as file:
        original = {str(number + 2): next(csv.reader([line.decode()])) for number, line in enumerate(clean)}
        csv.writer(file).writerows([heading, *([*row[:3], *original[row[1]]] for row in rows)])
    again, rest = imported(here, [mended], "rest.jsonl")
    assert again.bad == {}
    assert good | rest == wanted


def cells(line: bytes) -> Lines:
    """The cells of a line as they stand there, quotes and all."""
    found, quoted = [b""], False
    for character in line:
        quoted ^= character == ord('"')
        if character == ord(",") and not quoted:
            found.append(b"")
        else:
            found[-1] += bytes([character])
    return found


@tried(25)
@given(groups=orders(), data=st.data())
def test_told_twice_in_overlapping_files_or_in_another_order_changes_nothing(
    folder: Folder, groups: list[Lines], data: st.DataObject
) -> None:
    here = folder()
    _, wanted = imported(here, [written(here / "all.csv", interleaved(data, groups))], "all.jsonl")
    shares = data.draw(st.lists(st.sets(st.integers(0, len(groups) - 1)), max_size=3))
    rest = set(range(len(groups))).difference(*shares)
    files = [
        written(here / f"{number}.csv", interleaved(data, [groups[each] for each in data.draw(st.permutations(share))]))
        for number, share in enumerate(map(sorted, [*shares, rest]))
    ]
    files = data.draw(st.permutations([*files, *data.draw(st.lists(st.sampled_from(files), max_size=1))]))
    report, together = imported(here, files, "together.jsonl")
    assert adds_up(report)
    assert together == wanted
    apart: dict[str, bytes | None] = {}
    for number, file in enumerate(files):
        apart |= imported(here, [file], f"{number}.jsonl")[1]
    assert apart == wanted
