"""Tables by mapping: every row is in an event, left out on purpose, or put aside with its line and the reason."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.events.catalogue import ProductChanged
from streamproc.events.purchase import OrderPlaced, OrderRefunded
from streamproc.offline.dumps.files import ignore_progress, merge_dumps
from streamproc.offline.tables.importing import import_tables, read_mapping
from streamproc.offline.tables.lines import TableError
from streamproc.offline.tables.rejects import rejects_path
from tests.offline.tables.tables import HEADER, ORDERS, Import


def test_the_rows_of_an_order_become_its_lines_wherever_they_stand(run: Import) -> None:
    run(
        ORDERS,
        [HEADER, "2024-05-01 12:05,ada,1,a,1,2.5", "2024-05-01 12:00,bob,2,b,1,1", "2024-05-01 12:03,ada,1,c,2,1"],
    )
    bob, ada = run.events
    assert isinstance(ada, OrderPlaced)
    assert (bob.customer_id, ada.customer_id) == ("bob", "ada")
    assert [(line.sku, line.quantity, line.unit_price) for line in ada.lines] == [
        ("a", 1, 2_500_000),
        ("c", 2, 1_000_000),
    ]
    assert ada.event_id == "shop-1"


def test_times_are_of_the_mapping_s_zone_and_of_the_order_s_first_row(run: Import) -> None:
    run(ORDERS, [HEADER, "2024-05-01 12:05,ada,1,a,1,2.5", "2024-05-01 12:03,ada,1,c,2,1"])
    assert run.order.occurred_at.isoformat() == "2024-05-01T10:03:00+00:00"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ('columns = ["when", "customer"]\nformat = "%d.%m.%Y %H:%M"\nzone = "UTC"', "01.05.2024,10:03"),
        ('column = "when"\nformat = "epoch_seconds"', "1714557780,ada"),
        ('column = "when"\nformat = "epoch_milliseconds"', "1714557780000,ada"),
        ('column = "when"', "2024-05-01T12:03:00+02:00,ada"),
    ],
)
def test_times_come_in_many_forms(run: Import, time: str, text: str) -> None:
    mapping = ORDERS.replace('column = "when"\nzone = "Europe/Berlin"', time)
    run(mapping, [HEADER, f"{text},1,a,1,2.5"])
    assert run.order.occurred_at.isoformat() == "2024-05-01T10:03:00+00:00"


def test_delimiter_encoding_and_decimal_comma_are_the_files(run: Import) -> None:
    form = '[file]\ndelimiter = ";"\nencoding = "latin-1"\ndecimal = ","\nthousands = "."\n'
    table = f"{HEADER.replace(',', ';')}\n2024-05-01;Zoë;1;Tüte;1;1.234,56\n".encode("latin-1")
    run(ORDERS.replace("[time]", f"{form}[time]"), table)
    assert run.order.customer_id == "Zoë"
    assert run.order.amount == 1_234_560_000


def test_gzipped_files_and_a_byte_order_mark_are_read(run: Import) -> None:
    run(ORDERS, f"\ufeff{HEADER}\r\n2024-05-01,ada,1,a,1,1\r\n".encode(), name="table.csv.gz")
    assert run.order.customer_id == "ada"


def test_a_table_without_a_header_names_its_columns_in_the_mapping(run: Import) -> None:
    columns = ", ".join(f'"{name}"' for name in HEADER.split(","))
    run(ORDERS.replace("[time]", f"[file]\ncolumns = [{columns}]\n[time]"), ["2024-05-01,ada,1,a,1,1"])
    assert run.order.customer_id == "ada"


def test_several_files_are_imported_together(run: Import) -> None:
    run(ORDERS, [HEADER, "2024-05-01,ada,1,a,1,1"], [HEADER, "2024-05-01,ada,2,b,1,1"])
    assert [event.event_id for event in run.events] == ["shop-1", "shop-2"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("yesterday,ada,1,a,1,1", "time: Invalid isoformat string: 'yesterday'"),
        ("1899-12-30,ada,1,a,1,1", "time: '1899-12-30' is of the year 1899"),
        ("9999-12-31,ada,1,a,1,1", "time: '9999-12-31' is of the year 9999"),
        ("2024-05-01,ada,1e5,a,1,1", "fields.order_id: '1e5' does not match [0-9]+"),
        ("2024-05-01,ada,,a,1,1", "fields.order_id: empty"),
        ("2024-05-01,ada,1,a,x,1", "lines.quantity: 'x' is no number"),
        ("2024-05-01,ada,1,a,1.5,1", "lines.quantity: '1.5' is no whole number"),
        ("2024-05-01,ada,1,a,0,1", "lines.quantity: 0 pieces are no line of an order"),
        ("2024-05-01,ada,1,a,1,nan", "lines.unit_price: 'nan' is no number"),
        ("2024-05-01,ada,1,a,1,-1", "lines.unit_price: -1.0 is no price"),
        ("2024-05-01,ada,1,a,,1", "lines.quantity: empty"),
        ("2024-05-01,ada,1,a,1,", "lines: what it costs is empty"),
        ("2024-05-01,ada,1,a,99999999,1", "lines.quantity: 99999999 pieces"),
        ("2024-05-01,ada,1,a,1", "file: 5 columns instead of 6"),
    ],
)
def test_a_bad_row_is_put_aside_with_its_line_and_the_reason(run: Import, row: str, reason: str) -> None:
    report = run(ORDERS, [HEADER, "2024-05-01,bob,7,a,1,1", "", row])
    assert (report.rows, report.in_events, report.bad.total()) == (2, 1, 1)
    [[file, line, said, *cells]] = run.rejected
    assert (Path(file).name, line, cells) == ("0-table.csv", "4", row.split(","))
    assert said.startswith(reason)


def test_an_order_with_a_bad_row_is_put_aside_as_a_whole(run: Import) -> None:
    report = run(ORDERS, [HEADER, "2024-05-01,ada,1,a,1,1", "2024-05-01,ada,1,b,x,1", "2024-05-01,bob,2,a,1,1"])
    assert [event.customer_id for event in run.events] == ["bob"]
    assert report.bad == {"lines.quantity": 1, "order": 1}
    assert [(line, said.partition(" with ")[0]) for _, line, said, *_ in run.rejected] == [
        ("2", "order: another row of this order is bad (line 3)"),
        ("3", "lines.quantity: 'x' is no number"),
    ]


def test_a_line_without_a_product_is_of_an_unknown_one(run: Import) -> None:
    run(ORDERS, [HEADER, "2024-05-01,ada,1,,1,1"])
    assert [line.sku for line in run.order.lines] == ["unknown"]


def test_mended_rows_can_be_imported_by_the_same_mapping(run: Import) -> None:
    run(ORDERS, [HEADER, "2024-05-01,ada,1,a,1,1", "2024-05-01,ada,1,b,x,1"])
    mended = rejects_path(run.out).read_bytes().replace(b",x,", b",2,")
    report = run(ORDERS, mended)
    assert [line.quantity for line in run.order.lines] == [1, 2]
    assert report.rejects == ()
    assert not rejects_path(run.out).exists()


def test_an_order_of_two_customers_is_put_aside(run: Import) -> None:
    report = run(ORDERS, [HEADER, "2024-05-01,ada,1,a,1,1", "2024-05-01,bob,1,b,1,1"])
    assert report.bad == {"fields.customer_id": 2}


def test_bytes_that_are_no_text_are_put_aside_and_come_back_as_they_were(run: Import) -> None:
    report = run(ORDERS, f"{HEADER}\n2024-05-01,".encode() + b"\xff\xfe,1,a,1,1\n2024-05-01,bob,2,a,1,1\n")
    assert report.bad == {"file": 1}
    assert b"\xff\xfe,1,a,1,1" in rejects_path(run.out).read_bytes()


def test_rows_that_are_left_out_are_counted_by_their_reason(run: Import) -> None:
    rule = '[[leave_out]]\nreason = "tests"\nwhen = [{ column = "customer", one_of = ["test", "qa"] }]\n'
    report = run(ORDERS + rule, [HEADER, "2024-05-01,qa,1,a,1,1", "2024-05-01,ada,2,a,1,1"])
    assert (report.left_out, report.in_events) == ({"tests": 1}, 1)


def test_what_was_paid_for_a_row_is_kept_to_the_last_micro(run: Import) -> None:
    run(ORDERS.replace("unit_price", "amount"), [HEADER, "2024-05-01,ada,1,a,3,10.00"])
    assert run.order.amount == 10_000_000
    assert (run.order.lines[0].unit_price, run.order.lines[0].discount) == (3_333_334, 2)


def test_conditions_say_which_event_a_row_is(run: Import) -> None:
    rules = """[[event]]
type = "order_refunded"
when = [{ column = "pieces", below = 0 }]
[[event]]
type = "order_placed"
"""
    lines = '{ column = "pieces", absolute = true }'
    mapping = ORDERS.replace('[[event]]\ntype = "order_placed"\n', rules).replace(
        'quantity = "pieces"', f"quantity = {lines}"
    )
    run(mapping, [HEADER, "2024-05-01,ada,1,a,3,2", "2024-05-02,ada,1,a,-1,2"])
    placed, refunded = run.events
    assert isinstance(placed, OrderPlaced)
    assert isinstance(refunded, OrderRefunded)
    assert (placed.amount, refunded.amount) == (6_000_000, 2_000_000)
    assert (placed.event_id, refunded.event_id) == ("shop-1", "shop-1-refunded-2024-05-01T22:00:00Z")


CLICKS = """
name = "web"
[time]
column = "at"
[[event]]
type = "product_viewed"
when = [{ column = "what", equals = "view" }]
fields = { sku = "product" }
[[event]]
type = "clicked"
when = [{ column = "what", equals = "click" }]
fields = { message_id = "product", is_machine = { column = "bot", words = { ja = "true", nein = "false" } } }
[fields]
anonymous_id = "visitor"
"""


def test_an_event_table_has_one_event_a_row(run: Import) -> None:
    report = run(
        CLICKS,
        ["at,what,visitor,product,bot", "2024-05-01,view,v1,lamp,", "2024-05-02,click,v1,m1,ja", "2024-05-03,fly,v1,,"],
    )
    assert [event.type for event in run.events] == ["product_viewed", "clicked"]
    assert [record.topic for record in merge_dumps([run.out])] == ["shop.clickstream.v1", "shop.email.v1"]
    assert report.bad == {"event": 1}


def test_a_cut_off_file_is_refused_and_nothing_is_written(run: Import, tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(ORDERS, encoding="utf-8")
    rows = "".join(f"2024-05-01,c{number},{number},a,1,1\n" for number in range(5000))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{rows}".encode())[:-2000])
    with pytest.raises(TableError, match="cut off: get it anew"):
        import_tables(
            read_mapping(tmp_path / "mapping.toml", [tmp_path / "t.csv.gz"]),
            [tmp_path / "t.csv.gz"],
            run.out,
            ignore_progress,
        )
    assert not run.out.exists()


@given(cells=st.lists(st.lists(st.text(max_size=6), min_size=5, max_size=7), max_size=12))
def test_every_row_is_in_an_event_left_out_or_put_aside(
    cells: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "mapping.toml").write_text(ORDERS, encoding="utf-8")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER.split(","), *cells, ["2024-05-01", "ada", "12345678", "a", "1", "1"]])
    mapping = read_mapping(folder / "mapping.toml", [folder / "t.csv"])
    report = import_tables(mapping, [folder / "t.csv"], folder / "out.jsonl", ignore_progress)
    assert report.rows == report.in_events + report.left_out.total() + report.bad.total()
    assert report.in_events == 1


CATALOGUE = """
name = "catalogue"
time = { column = "when", zone = "UTC" }
fields = { sku = "sku", price = "price", stock = "stock", currency = { value = "GBP" } }
[[event]]
type = "product_changed"
"""


def test_a_catalogue_becomes_events_of_its_products(run: Import) -> None:
    report = run(CATALOGUE, ["when,sku,price,stock", "2024-05-01 12:00,mug,4.50,3", "2024-05-02 12:00,mug,,0"])
    assert report.events == {"product_changed": 2}
    priced, gone = run.events
    assert isinstance(priced, ProductChanged)
    assert isinstance(gone, ProductChanged)
    assert (priced.sku, priced.price, priced.stock) == ("mug", 4_500_000, 3)
    assert (gone.price, gone.stock) == (None, 0)
