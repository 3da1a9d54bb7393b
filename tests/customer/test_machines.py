"""Opens, clicks and unsubscriptions of machines, known by their speed, their list and their own word; judged again."""

from itertools import permutations
from typing import Any

import pytest

from streamproc.customer.messages.judging import by_persons
from streamproc.customer.messages.record import MAX_TOLD, Action, SaidToBe, Told
from streamproc.customer.messages.table import MAX_MESSAGES
from streamproc.customer.state import Consent, Customer
from streamproc.customer.windows import Metric
from streamproc.events.email import Bounced, Complained, Deferred, Dropped
from streamproc.events.raw import Event
from tests.builders import (
    at_ms,
    clicked,
    consent,
    delivered,
    envelope,
    erasure,
    folded,
    opened,
    unsubscribed,
)

EMAIL = "marketing:email"


def click(link: str, **values: Any) -> Event:
    return clicked(url=f"https://shop.example/{link}", **values)


def counted(customer: Customer, metric: Metric) -> int:
    return customer.days.total(metric, 0, 10**6)


def word(*happened: Event) -> bool | None:
    """What counts of marketing by e-mail, whatever arrives first."""
    said = {folded(*told).consents.get(EMAIL) for told in permutations(happened)}
    (only,) = said
    return None if only is None else only.granted


def clicks(*happened: Event) -> int:
    """How many clicks count, whatever arrives first."""
    (only,) = {counted(folded(*told), Metric.CLICKS) for told in permutations(happened)}
    return only


def test_a_scanner_unsubscribes_nobody() -> None:
    assert word(consent(), unsubscribed(days=1, is_machine=True)) is True


@pytest.mark.parametrize(("seconds", "granted"), [(0, True), (1.999, True), (2, False), (-1, False)])
def test_an_unsubscription_within_two_seconds_of_the_delivery_is_a_machine_s(seconds: float, *, granted: bool) -> None:
    assert word(consent(days=-1), delivered(), unsubscribed(seconds=seconds)) is granted


def test_the_consent_is_then_what_it_was_if_nothing_newer_was_said() -> None:
    scanned = (unsubscribed(), delivered())
    assert word(*scanned) is None
    assert word(consent(granted=False, days=-1), *scanned) is False
    assert word(consent(days=-1), consent(granted=False, days=1), *scanned) is False
    assert word(consent(days=1), *scanned) is True
    assert word(consent(days=-1), unsubscribed("m2", days=-0.5), *scanned) is False
    assert word(consent(days=-1), unsubscribed(days=1), *scanned) is False


def test_a_refusal_without_a_message_or_by_complaint_is_never_judged_again() -> None:
    complaint = Complained(message_id="m1", is_machine=True, **envelope({}))
    assert word(consent(days=-1), complaint, delivered()) is False
    without = unsubscribed().model_copy(update={"message_id": None})
    assert word(consent(days=-1), without, delivered()) is False


@pytest.mark.parametrize("kind", [Bounced, Deferred, Dropped])
def test_what_did_not_arrive_refuses_nothing_and_needs_no_message(kind: type[Bounced | Deferred | Dropped]) -> None:
    assert word(consent(days=-1), kind(**envelope({}))) is True


def test_one_click_by_the_header_always_counts() -> None:
    by_header = unsubscribed(seconds=0.5, one_click=True, is_machine=True)
    assert word(consent(days=-1), delivered(), by_header) is False


def test_an_unsubscription_that_is_not_remembered_with_its_message_any_more_stays() -> None:
    others = [delivered(f"m{number}", days=1) for number in range(2, MAX_MESSAGES + 2)]
    assert not folded(consent(days=-1), unsubscribed(), *others, delivered()).consents[EMAIL].granted
    later = [opened(seconds=-number) for number in range(1, MAX_TOLD + 1)]
    assert not folded(consent(days=-1), unsubscribed(), *later, delivered()).consents[EMAIL].granted


def test_three_different_links_within_two_seconds_are_a_machine_s() -> None:
    burst = [click("a", hours=1), click("b", hours=1, seconds=1), click("c", hours=1, seconds=1.999)]
    assert clicks(delivered(), *burst) == 0
    assert clicks(*burst) == 0


def test_two_links_or_one_link_three_times_are_a_person_s() -> None:
    assert clicks(click("a"), click("b"), click("a", seconds=1)) == 3
    assert clicks(click("a"), click("b"), click("c", seconds=2)) == 3
    assert clicks(clicked(), clicked(), clicked(seconds=1)) == 3


def test_all_clicks_of_those_two_seconds_are_the_machine_s_and_no_others() -> None:
    burst = [click("a"), click("a", seconds=0.5), click("b", seconds=1), click("c", seconds=1)]
    assert clicks(*burst) == 0
    assert clicks(*burst, click("a", hours=1)) == 1


def test_nor_does_an_unsubscription_count_among_them() -> None:
    burst = [click("a", hours=1), click("b", hours=1), click("c", hours=1)]
    assert word(consent(days=-1), *burst, unsubscribed(hours=1, seconds=1)) is True
    assert word(consent(days=-1), *burst, unsubscribed(hours=1, seconds=9)) is False


def test_a_delivery_that_is_told_again_later_judges_nothing_else() -> None:
    assert clicks(delivered(), click("a", hours=1), delivered(hours=1)) == 1


def test_however_often_a_message_is_opened_each_person_s_open_counts() -> None:
    customer = folded(delivered(), *[opened(hours=number) for number in range(1, 50)])
    assert counted(customer, Metric.OPENS) == 49
    assert len(next(iter(customer.messages)).told) == MAX_TOLD


def test_that_a_program_delivered_a_message_says_nothing_of_a_person() -> None:
    assert by_persons([Told(0, Action.DELIVERED, by=SaidToBe.A_MACHINE)]) == (True,)


def test_an_erasure_leaves_a_refusal_that_nothing_takes_back() -> None:
    customer = folded(consent(days=-1), unsubscribed(), erasure(hours=1))
    assert customer.consents == {EMAIL: Consent(granted=False, at_ms=at_ms(hours=1))}
    assert not customer.consents_else
