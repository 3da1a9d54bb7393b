"""What is said about a window, and when it is said anew."""

import orjson

from streamproc.events.kpis import Kpi
from streamproc.events.times import DAY_MS
from streamproc.measure.kpi_record import encode_kpi, kpi_key
from streamproc.measure.plan import KpiPlan
from streamproc.measure.publication import Publication, Publisher, Said, news
from streamproc.measure.sums import Sums
from streamproc.measure.windows import TOTAL, Window
from tests.measure.kpi_blocks import count, plan, ratio, total_of

DAY = Window(14_979)


def said(kpi_plan: KpiPlan, window: Window, series: dict[str, int], held: Publication | None = None) -> list[Kpi]:
    """The KPIs that are published for these sums on top of what was said before."""
    publisher = Publisher(kpi_plan, "p1")
    before = held or Publication()
    after = publisher.revise(window, before, Sums(14_979, series), 20_000 * DAY_MS)
    return list(publisher.kpis(window, after, news(before, after)))


def test_a_kpi_says_what_it_is_over_which_window_and_what_it_is_made_of() -> None:
    shop = plan(
        total_of(), count(), ratio("revenue", "orders", name="aov", unit="micros", baseline=480_870_000, target=5e8)
    )
    *_, aov = said(shop, DAY, {"revenue": 25_000_001, "orders": 2})
    assert aov == Kpi(
        kpi="aov", window="day", start="2011-01-05T00:00:00Z", end="2011-01-06T00:00:00Z", status="closed",
        revision=0, value=12_500_001, numerator=25_000_001, denominator=2, unit="micros", layer="output",
        baseline=480_870_000, target=5e8, direction="up", owner="tests", plan_version="p1",
    )  # fmt: skip


def test_the_total_is_open_from_its_first_fact_to_the_event_time_reached() -> None:
    (orders,) = said(plan(count()), TOTAL, {"orders": 2})
    assert (orders.window, orders.status, orders.value, orders.denominator) == ("total", "open", 2, None)
    assert (orders.start, orders.end) == ("2011-01-05T00:00:00Z", "2024-10-04T00:00:00Z")


def test_a_kpi_without_a_fact_in_the_window_is_zero_and_a_ratio_by_zero_is_unknown() -> None:
    kpis = said(plan(count(), count("others"), ratio("orders", "others")), DAY, {"orders": 2})
    assert {kpi.kpi: kpi.value for kpi in kpis} == {"orders": 2, "others": 0, "rate": None}


def test_only_what_has_changed_gets_the_next_revision() -> None:
    held = Publication(changed=True, said={"orders": Said(3, 2, None), "others": Said(0, 5, None)})
    (orders,) = said(plan(count(), count("others")), DAY, {"orders": 7, "others": 5}, held)
    assert (orders.kpi, orders.revision, orders.value) == ("orders", 4, 7)


def test_a_ratio_is_said_anew_when_its_parts_change_even_if_its_value_does_not() -> None:
    held = Publication(said={"rate": Said(0, 1, 2)})
    blocks = (count(publish=False), count("others", publish=False), ratio("orders", "others"))
    (rate,) = said(plan(*blocks), DAY, {"orders": 2, "others": 4}, held)
    assert (rate.revision, rate.value, rate.numerator, rate.denominator) == (1, 0.5, 2, 4)


def test_a_kpi_is_published_only_in_its_windows() -> None:
    assert said(plan(count(windows=["total"])), DAY, {"orders": 2}) == []


def test_each_combination_of_dimensions_that_occurred_is_a_kpi_of_its_own() -> None:
    trigger = {"facts": ["trigger"], "by": ["trigger"]}
    blocks = (count("sent", **trigger), count("asked", **trigger), ratio("sent", "asked"))
    series = {'sent{"trigger":"cart"}': 1, 'asked{"trigger":"cart"}': 4, 'asked{"trigger":"birthday"}': 2}
    rates = [kpi for kpi in said(plan(*blocks), DAY, series) if kpi.kpi == "rate"]
    assert [(kpi.dimensions, kpi.value) for kpi in rates] == [
        ({"trigger": "birthday"}, 0.0),
        ({"trigger": "cart"}, 0.25),
    ]


def test_dimensions_of_an_earlier_definition_are_passed_over() -> None:
    by_channel = plan(count("sent", facts=["trigger"], by=["channel"]))
    assert said(by_channel, DAY, {'sent{"trigger":"cart"}': 1, "sent": 3}) == []


def test_a_kpi_that_the_plan_no_longer_has_is_not_said_again() -> None:
    publication = Publication(said={"gone": Said(0, 1, None), "orders": Said(0, 2, None)})
    again = Publisher(plan(count()), "p2").kpis(DAY, publication, publication.said)
    assert [kpi.kpi for kpi in again] == ["orders"]


def test_all_revisions_have_one_key_even_when_the_first_fact_of_all_was_late() -> None:
    shop = plan(count("triggers", facts=["trigger"], by=["trigger"]))
    series = {'triggers{"trigger":"cart"}': 1}
    (of_day,), (of_all,) = said(shop, DAY, series), said(shop, TOTAL, series)
    assert kpi_key(of_day) == b'triggers|day|2011-01-05T00:00:00Z|{"trigger":"cart"}'
    assert kpi_key(of_all) == b'triggers|total||{"trigger":"cart"}'


def test_a_record_is_the_contract_as_json_with_numbers_of_any_size() -> None:
    (revenue,) = said(plan(total_of()), DAY, {"revenue": 7})
    assert Kpi(**orjson.loads(encode_kpi(revenue))) == revenue
    (huge,) = said(plan(total_of()), DAY, {"revenue": 10**30})
    assert b'"value":1000000000000000000000000000000,' in encode_kpi(huge)
