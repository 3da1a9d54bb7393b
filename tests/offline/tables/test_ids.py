"""Who and which: ids of tables are trimmed, what identifies nobody is nobody, and the same told twice is told once."""

from pathlib import Path

import pytest

from streamproc.events.purchase import OrderPlaced, OrderRefunded
from streamproc.offline.tables.outcome import TOLD_ALREADY
from tests.offline.tables.tables import HEADER, ORDERS, Import

WITH_REFUNDS = ORDERS.replace(
    '[[event]]\ntype = "order_placed"',
    '[[event]]\ntype = "order_refunded"\nwhen = [{ column = "pieces", below = 0 }]\n[[event]]\ntype = "order_placed"',
).replace('quantity = "pieces"', 'quantity = { column = "pieces", absolute = true }')

OPENS = """
name = "crm"
[time]
column = "at"
[[event]]
type = "opened"
[fields]
customer_id = "who"
message_id = "mail"
"""


@pytest.mark.parametrize("customer", [" ada ", "ada\t", "\u00a0ada", '"ada\n"'])
def test_blanks_around_an_id_are_no_part_of_it(run: Import, customer: str) -> None:
    run(ORDERS, [HEADER, f"2024-05-01,{customer},1,a,1,1"])
    assert run.order.customer_id == "ada"


def test_ids_are_in_unicode_s_composed_form(run: Import) -> None:
    run(ORDERS, [HEADER, "2024-05-01,zoe\u0308,1,a,1,1"])
    assert run.order.customer_id == "zo\u00eb"


@pytest.mark.parametrize("nobody", ["", " ", "nan", "NULL", " None ", "0", "000", "guest", "(not set)", "n/a", "-1"])
def test_what_identifies_nobody_makes_a_guest_s_order(run: Import, nobody: str) -> None:
    run(ORDERS, [HEADER, f"2024-05-01,{nobody},1,a,1,1"])
    assert run.order.customer_id is None


def test_a_word_for_nothing_is_no_order_s_id(run: Import) -> None:
    mapping = ORDERS.replace('{ column = "order", matches = "[0-9]+" }', '"order"')
    report = run(mapping, [HEADER, "2024-05-01,ada,nan,a,1,1", "2024-05-01,bob,nan,a,1,1"])
    assert report.bad == {"fields.order_id": 2}


def test_columns_may_be_padded_with_blanks(run: Import) -> None:
    run(ORDERS, [HEADER.replace(",", " , "), "2024-05-01 , ada , 1 , a , 1 , 2.50 "])
    assert (run.order.customer_id, run.order.amount) == ("ada", 2_500_000)


def test_the_same_order_in_two_files_is_one_order(run: Import) -> None:
    report = run(ORDERS, [HEADER, "2024-05-01,ada,1,a,1,1"], [HEADER, "2024-05-01,ada,1,a,1,1"])
    assert (len(run.events), report.left_out) == (1, {TOLD_ALREADY: 1})


def test_an_order_with_other_rows_in_another_file_is_put_aside_in_both(run: Import) -> None:
    one, both = "2024-05-01,ada,1,a,1,1", ["2024-05-01,ada,1,a,1,1", "2024-05-01,ada,1,b,1,1"]
    report = run(ORDERS, [HEADER, one, "2024-05-01,bob,2,a,1,1"], [HEADER, *both])
    assert [event.customer_id for event in run.events] == ["bob"]
    assert report.bad == {"order": 3}
    assert all("import it from one of them only" in row[2] for row in run.rejected)


def test_two_tables_in_one_file_are_two(run: Import) -> None:
    row = "2024-05-01,ada,1,a,1,1"
    run(ORDERS, [HEADER, row, f"\ufeff{HEADER}", row])
    assert len(run.order.lines) == 1


def test_two_refunds_of_an_order_have_two_ids(run: Import) -> None:
    rows = ["2024-05-01,ada,1,a,3,2", "2024-05-02,ada,1,a,-1,2", "2024-05-03,ada,1,a,-1,2", "2024-05-03,ada,1,b,-1,1"]
    run(WITH_REFUNDS, [HEADER, *rows])
    refunds = [event for event in run.events if isinstance(event, OrderRefunded)]
    assert [refund.amount for refund in refunds] == [2_000_000, 3_000_000]
    assert len({refund.event_id for refund in refunds}) == 2


def test_refunds_of_one_moment_are_told_apart_by_their_own_ids(run: Import) -> None:
    mapping = WITH_REFUNDS.replace("[fields]", '[fields]\nevent_id = "refund"')
    rows = ["2024-05-01,ada,1,a,3,2,", "2024-05-02,ada,1,a,-1,2,r1", "2024-05-02,ada,1,a,-1,2,r2"]
    run(mapping, [f"{HEADER},refund", *rows])
    assert [event.event_id for event in run.events] == ["shop-1", "shop-1-refunded-r1", "shop-1-refunded-r2"]


def test_a_later_file_may_tell_of_a_refund_of_an_order_of_an_earlier_one(run: Import) -> None:
    placed, refunded = "2024-05-01,ada,1,a,3,2", "2024-05-02,ada,1,a,-1,2"
    report = run(WITH_REFUNDS, [HEADER, placed], [HEADER, refunded], [HEADER, placed, refunded])
    assert [type(event) for event in run.events] == [OrderPlaced, OrderRefunded]
    assert report.left_out == {TOLD_ALREADY: 2}


def test_refunds_without_lines_are_one_for_each_row(run: Import) -> None:
    mapping = """
        name = "bank"
        [time]
        column = "when"
        [[event]]
        type = "order_refunded"
        [fields]
        order_id = "order"
        customer_id = "customer"
        amount = "price"
        currency = { value = "EUR" }
    """
    row = "2024-05-01,ada,1,a,1,2"
    run(mapping, [HEADER, row, row])
    assert [event.amount for event in run.events if isinstance(event, OrderRefunded)] == [2_000_000] * 2
    assert len({event.event_id for event in run.events}) == 2


def test_shops_that_count_alike_are_told_apart_by_a_column(run: Import) -> None:
    mapping = f'shop = "store"\n{ORDERS}'
    rows = ["2024-05-01,ada,1,a,1,1,uk", "2024-05-01,bob,1,a,1,1,de", "2024-05-01,bob,1,b,1,1,de"]
    run(mapping, [f"{HEADER},store", *rows])
    found = {event.order_id: len(event.lines) for event in run.events if isinstance(event, OrderPlaced)}
    assert found == {"uk-1": 1, "de-1": 2}


def test_an_order_s_id_may_be_made_of_several_columns(run: Import) -> None:
    mapping = ORDERS.replace('{ column = "order", matches = "[0-9]+" }', '{ join_of = ["customer", "when"] }')
    rows = ["2024-05-01,ada,,a,1,1", "2024-05-01,ada,,b,1,1", "2024-05-02,ada,,a,1,1", "2024-05-01,,,a,1,1"]
    report = run(mapping, [HEADER, *rows])
    found = [event for event in run.events if isinstance(event, OrderPlaced)]
    assert [(event.order_id, len(event.lines)) for event in found] == [("ada-2024-05-01", 2), ("ada-2024-05-02", 1)]
    assert report.bad == {"fields.order_id": 1}


def test_a_row_s_id_is_what_it_says_wherever_it_stands(run: Import) -> None:
    first, second = "2024-05-01,ada,m1", "2024-05-02,ada,m2"
    run(OPENS, ["at,who,mail", first, second], name="old.csv")
    before = {event.event_id for event in run.events}
    run(OPENS, ["x,mail,at,who", ",m3,2024-05-03,ada", ",m2,2024-05-02,ada", ",m1,2024-05-01,ada"], name="new.csv")
    assert before < {event.event_id for event in run.events}


def test_equal_rows_are_as_many_events_as_the_table_with_most_of_them_has(run: Import) -> None:
    row = "2024-05-01,ada,m1"
    report = run(OPENS, ["at,who,mail", row, row], ["at,who,mail", row], ["at,who,mail", row, row])
    assert len({event.event_id for event in run.events}) == len(run.events) == 2
    assert report.left_out == {TOLD_ALREADY: 3}


def test_an_event_that_the_table_names_is_one_however_often_it_stands_there(run: Import) -> None:
    row = "2024-05-01,ada,m1,e1"
    run(OPENS + 'event_id = "id"\n', ["at,who,mail,id", row, row])
    assert [event.event_id for event in run.events] == ["crm-e1"]


def test_a_very_long_order_id_still_makes_an_event(run: Import, tmp_path: Path) -> None:
    mapping = ORDERS.replace('{ column = "order", matches = "[0-9]+" }', '"order"')
    run(mapping, [HEADER, f"2024-05-01,ada,{'x' * 128},a,1,1"])
    assert len(run.order.event_id) <= 128
