"""An order is imported whole or not at all, whatever was wrong with one of its rows."""

from datetime import date
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.events.purchase import OrderPlaced
from streamproc.offline.dumps.files import ignore_progress
from streamproc.offline.tables import importing
from streamproc.offline.tables.importing import import_tables, read_mapping
from streamproc.offline.tables.outcome import Days
from tests.offline.tables.tables import HEADER, ORDERS, Import

GOOD, OTHER = "2024-05-01,ada,1,a,1,1", "2024-05-01,bob,2,a,1,1"


@pytest.mark.parametrize(
    "bad",
    [
        "2024-05-01,ada,1",
        "2024-05-01,ada,1,b,1,1,surplus",
        "2024-05-01,\udcff,1,b,1,1",
        "never,ada,1,b,1,1",
        "2024-05-01,eve,1,b,1,1",
        "2024-05-01,ada,1,b,x,1",
        '2024-05-01,ada,1,"15"in,1,1',
        "2024-05-01,ada,1,b,-1,1",
    ],
)
def test_a_bad_row_puts_its_whole_order_aside(run: Import, bad: str) -> None:
    table = f"{HEADER}\n{GOOD}\n{OTHER}\n{bad}\n".encode(errors="surrogateescape")
    report = run(ORDERS, table)
    assert [event.customer_id for event in run.events] == ["bob"]
    assert (report.in_events, report.bad.total()) == (1, 2)


@pytest.mark.parametrize(
    "rule",
    [
        '[[leave_out]]\nreason = "free"\nwhen = [{ column = "price", at_most = 0 }]\n',
        '[[leave_out]]\nreason = "few"\nwhen = [{ column = "pieces", below = 0 }]\n',
    ],
)
def test_a_row_that_a_condition_cannot_judge_puts_its_order_aside(run: Import, rule: str) -> None:
    report = run(ORDERS + rule, [HEADER, GOOD, "2024-05-01,ada,1,b,many,cheap", OTHER])
    assert [event.customer_id for event in run.events] == ["bob"]
    assert report.bad.total() == 2


def test_a_row_that_fits_no_event_puts_its_order_aside(run: Import) -> None:
    mapping = ORDERS.replace('"order_placed"\n', '"order_placed"\nwhen = [{ column = "pieces", above = 0 }]\n')
    report = run(mapping, [HEADER, GOOD, "2024-05-01,ada,1,b,-1,1", OTHER])
    assert report.bad == {"event": 1, "order": 1}


def test_a_bad_row_in_one_file_puts_the_order_aside_in_the_others(run: Import) -> None:
    report = run(ORDERS, [HEADER, GOOD], [HEADER, "2024-05-01,ada,1,a,x,1", OTHER])
    assert report.bad == {"lines.quantity": 1, "order": 1}


def test_an_order_that_goes_over_midnight_is_of_its_first_day(run: Import, tmp_path: Path) -> None:
    run(ORDERS, [HEADER])
    table = tmp_path / "night.csv"
    table.write_text(f"{HEADER}\n2024-05-01 23:59Z,ada,1,a,1,1\n2024-05-02 00:01Z,ada,1,b,1,1\n", encoding="utf-8")
    for day, lines in ((1, 2), (2, 0)):
        days = Days(date(2024, 5, day), date(2024, 5, day))
        mapping = read_mapping(tmp_path / "mapping.toml", [table])
        report = import_tables(mapping, [table], run.out, ignore_progress, days)
        assert (report.in_events, report.left_out.total()) == (lines, 2 - lines)


def test_an_order_with_more_rows_than_an_order_has_is_put_aside(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_ROWS", 3)
    report = run(ORDERS, [HEADER, *[GOOD] * 5, OTHER])
    assert (report.in_events, report.bad) == (1, {"fields.order_id": 5})
    assert "is it the right column?" in run.rejected[0][2]


SHOP = """
name = "shop"
[file]
fill_down = ["customer", "status", "when"]
[time]
column = "when"
[[event]]
type = "order_placed"
when = [{ column = "status", equals = "paid" }]
[fields]
customer_id = "customer"
order_id = "order"
currency = { value = "EUR" }
[lines]
sku = "sku"
quantity = { value = 1 }
unit_price = "price"
"""
COLUMNS = "order,when,customer,status,sku,price"


def test_what_stands_on_the_first_row_only_is_meant_for_the_whole_order(run: Import) -> None:
    rows = ["1,2024-05-01,ada,paid,a,1", "1,,,,b,2", "2,2024-05-01,,paid,c,4", "2,,bob,,d,8"]
    run(SHOP, [COLUMNS, *rows])
    found = {e.order_id: (e.customer_id, e.amount) for e in run.events if isinstance(e, OrderPlaced)}
    assert found == {"1": ("ada", 3_000_000), "2": ("bob", 12_000_000)}


def test_rows_of_other_orders_may_stand_between(run: Import) -> None:
    run(SHOP, [COLUMNS, "1,2024-05-01,ada,paid,a,1", "2,2024-05-01,bob,paid,c,4", "1,,,,b,2"])
    assert {event.customer_id for event in run.events} == {"ada", "bob"}


FILTER = '[[leave_out]]\nreason = "void"\nwhen = [{ column = "status", equals = "void" }]\n'
UNFILLED = SHOP.replace('fill_down = ["customer", "status", "when"]', 'fill_down = ["when"]')
ANY_STATUS = UNFILLED.replace('when = [{ column = "status", equals = "paid" }]\n', "")


def test_a_filter_on_the_first_row_never_takes_a_part_of_an_order(run: Import) -> None:
    report = run(ANY_STATUS + FILTER, [COLUMNS, "1,2024-05-01,ada,void,a,1", "1,,,,b,2", "2,2024-05-01,bob,paid,c,4"])
    assert [event.customer_id for event in run.events] == ["bob"]
    assert report.bad == {"file.fill_down": 2}
    assert "'status' stands on the order's first row only; name it in [file] fill_down" in run.rejected[0][2]


def test_a_rule_on_the_first_row_never_makes_two_events_of_an_order(run: Import) -> None:
    rule = '[[event]]\ntype = "order_cancelled"\nwhen = [{ column = "status", equals = "void" }]\n[[event]]'
    report = run(ANY_STATUS.replace("[[event]]", rule), [COLUMNS, "1,2024-05-01,ada,void,a,1", "1,,,,b,2"])
    assert report.bad == {"file.fill_down": 2}


def test_a_filter_may_be_meant_for_whole_orders(run: Import) -> None:
    mapping = ANY_STATUS + FILTER + "whole_order = true\n"
    report = run(mapping, [COLUMNS, "1,2024-05-01,ada,,a,1", "1,,,void,b,2", "2,2024-05-01,bob,,c,4"])
    assert [event.customer_id for event in run.events] == ["bob"]
    assert report.left_out == {"void": 2}


def test_a_filter_may_be_meant_for_single_rows(run: Import) -> None:
    mapping = ANY_STATUS + FILTER + "whole_order = false\n"
    report = run(mapping, [COLUMNS, "1,2024-05-01,ada,void,a,1", "1,,,,b,2"])
    assert (report.in_events, report.left_out) == (1, {"void": 1})


def test_a_filter_on_a_line_s_own_column_leaves_out_single_rows(run: Import) -> None:
    rule = '[[leave_out]]\nreason = "no product"\nwhen = [{ column = "sku", empty = true }]\n'
    report = run(SHOP + rule, [COLUMNS, "1,2024-05-01,ada,paid,a,1", "1,,,,,2"])
    assert (report.in_events, report.left_out) == (1, {"no product": 1})


def test_rows_may_be_tied_by_another_column_than_the_order_s_id(run: Import) -> None:
    mapping = SHOP.replace("fill_down = [", 'tied_by = "name"\nfill_down = ["order", ')
    rows = ["#1,77,2024-05-01,ada,paid,a,1", "#1,,,,,b,2"]
    other_shop = ["#1,88,2024-05-01,bob,paid,c,4", "#1,,,,,d,8"]
    run(mapping, [f"name,{COLUMNS}", *rows], [f"name,{COLUMNS}", *other_shop])
    found = {e.order_id: (e.customer_id, e.amount) for e in run.events if isinstance(e, OrderPlaced)}
    assert found == {"77": ("ada", 3_000_000), "88": ("bob", 12_000_000)}


def test_columns_of_orders_need_an_event_that_is_one(run: Import) -> None:
    mapping = 'name = "x"\n[file]\nfill_down = ["a"]\n[time]\ncolumn = "a"\n[[event]]\ntype = "page_viewed"\n'
    with pytest.raises(ConfigError, match="none of the events is one"):
        run(mapping, ["a"])
