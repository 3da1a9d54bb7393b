"""The exports of shop systems: the shipped mappings, on the examples beside them, and tables of other shapes."""

from collections.abc import Iterable

import pytest

from streamproc.config_error import ConfigError
from streamproc.events.purchase import OrderCancelled, OrderPlaced, OrderRefunded
from streamproc.events.raw import Event
from streamproc.offline.dumps.files import ignore_progress
from streamproc.offline.tables.importing import SHIPPED, ImportReport, import_tables, read_mapping
from tests.offline.tables.tables import Import


def imported(run: Import, name: str) -> ImportReport:
    table = SHIPPED / "examples" / f"{name}.csv"
    return import_tables(read_mapping(SHIPPED / f"{name}.toml", [table]), [table], run.out, ignore_progress)


def placed(events: Iterable[Event]) -> dict[str, OrderPlaced]:
    return {event.order_id: event for event in events if isinstance(event, OrderPlaced)}


def test_shopify_s_export_of_orders_loses_no_row(run: Import) -> None:
    report = imported(run, "shopify-orders")
    assert (report.rows, report.in_events, report.bad) == (6, 5, {})
    assert report.left_out == {"never paid (voided, expired)": 1}
    assert report.events == {"order_placed": 4, "order_refunded": 2, "order_cancelled": 1}


def test_shopify_s_first_row_is_about_the_whole_order(run: Import) -> None:
    imported(run, "shopify-orders")
    order = placed(run.events)["5501001"]
    assert (order.customer_id, order.coupon, order.event_id) == ("ada@example.org", "SPRING10", "shopify-5501001")
    assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
        ("MUG-B", 2, 10_000_000),
        ("unknown", 1, 5_000_000),
    ]


def test_shopify_s_subtotal_is_what_was_paid(run: Import) -> None:
    imported(run, "shopify-orders")
    order = placed(run.events)["5501001"]
    assert (order.amount, sum(line.amount for line in order.lines)) == (22_500_000, 25_000_000)


def test_shopify_s_refunds_and_cancellations_happen_besides(run: Import) -> None:
    imported(run, "shopify-orders")
    refunds = {event.order_id: event.amount for event in run.events if isinstance(event, OrderRefunded)}
    [cancelled] = [event for event in run.events if isinstance(event, OrderCancelled)]
    assert refunds == {"5501002": 10_000_000, "5501003": 7_000_000}
    assert (cancelled.order_id, cancelled.occurred_at.isoformat()) == ("5501003", "2026-03-07T07:30:00+00:00")


def test_shopify_s_orders_without_an_address_are_guests_orders(run: Import) -> None:
    imported(run, "shopify-orders")
    assert placed(run.events)["5501004"].customer_id is None


def test_woocommerce_s_export_of_orders_loses_no_row(run: Import) -> None:
    report = imported(run, "woocommerce-orders")
    assert (report.rows, report.in_events, report.bad) == (5, 4, {})
    assert report.events == {"order_placed": 2, "order_refunded": 2}


def test_woocommerce_s_lines_stand_in_cells_of_numbered_columns(run: Import) -> None:
    imported(run, "woocommerce-orders")
    order = placed(run.events)["3101"]
    assert [(line.sku, line.quantity, line.amount) for line in order.lines] == [
        ("MUG-B", 2, 16_528_926),
        ("unknown", 1, 4_132_231),
    ]
    assert order.occurred_at.isoformat() == "2026-03-05T09:00:00+00:00"


def test_woocommerce_s_refunds_belong_to_their_parents_and_customer_0_is_a_guest(run: Import) -> None:
    imported(run, "woocommerce-orders")
    refunds = [event for event in run.events if isinstance(event, OrderRefunded)]
    assert [(refund.order_id, refund.amount, refund.event_id) for refund in refunds] == [
        ("3102", 4_000_000, "woocommerce-3102-refunded-3110"),
        ("3102", 6_000_000, "woocommerce-3102-refunded-3111"),
    ]
    assert placed(run.events)["3102"].customer_id is None


ONE_ROW = """
name = "shop"
[time]
column = "day"
format = "%Y-%m-%d"
zone = "Europe/Berlin"
[[event]]
type = "order_placed"
[fields]
customer_id = "who"
order_id = "order"
currency = { value = "EUR" }
"""


def test_lines_may_stand_in_one_cell(run: Import) -> None:
    mapping = (
        ONE_ROW + '[items]\ncolumns = "items"\nbetween = ";"\n[lines]\nsku = "sku"\nquantity = "qty"\namount = "sum"\n'
    )
    run(mapping, ["day,who,order,items", "2024-05-01,ada,1,sku:a|qty:2|sum:3.00;sku:b|qty:1|sum:1.00;"])
    assert [(line.sku, line.quantity, line.amount) for line in run.order.lines] == [
        ("a", 2, 3_000_000),
        ("b", 1, 1_000_000),
    ]
    assert run.order.occurred_at.isoformat() == "2024-04-30T22:00:00+00:00"


def test_lines_may_stand_in_numbered_columns(run: Import) -> None:
    mapping = ONE_ROW + '[items]\n[lines]\nsku = "sku {n}"\nquantity = "qty {n}"\nunit_price = "price {n}"\n'
    header = "day,who,order,sku 1,qty 1,price 1,sku 2,qty 2,price 2"
    run(mapping, [header, "2024-05-01,ada,1,a,2,3,,,", "2024-05-01,bob,2,a,1,3,b,1,1"])
    assert {order: len(event.lines) for order, event in placed(run.events).items()} == {"1": 1, "2": 2}


def test_a_line_of_a_cell_that_is_wrong_puts_the_order_aside(run: Import) -> None:
    mapping = ONE_ROW + '[items]\ncolumns = "items"\n[lines]\nsku = "sku"\nquantity = "qty"\namount = "sum"\n'
    report = run(mapping, ["day,who,order,items", "2024-05-01,ada,1,two mugs", "2024-05-01,bob,2,sku:a|qty:x|sum:1"])
    assert report.bad == {"items": 1, "lines.quantity": 1}


def test_columns_of_lines_that_are_not_there_are_told(run: Import) -> None:
    mapping = ONE_ROW + '[items]\ncolumns = "items"\n[lines]\nsku = "sku"\nquantity = "qty"\namount = "sum"\n'
    with pytest.raises(ConfigError, match="holds lines"):
        run(mapping, ["day,who,order,lines"])


def test_a_table_without_amounts_can_be_imported(run: Import) -> None:
    mapping = ONE_ROW + '[lines]\nsku = "what"\nquantity = { value = 1 }\nunit_price = { value = 0 }\n'
    run(mapping, ["day,who,order,what", "2024-05-01,ada,1,a"])
    assert run.order.amount == 0
