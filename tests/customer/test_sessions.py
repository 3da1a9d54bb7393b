from tests.builders import add, delivered, folded, order, view


def test_thirty_minutes_of_silence_belong_to_the_visit() -> None:
    assert folded(view(), view(minutes=30)).sessions == 1
    assert folded(view(), view(minutes=30, seconds=0.001)).sessions == 2


def test_any_activity_keeps_the_visit_alive() -> None:
    assert folded(view(), add(minutes=20), view(minutes=40)).sessions == 1


def test_a_visit_ends_after_24_hours() -> None:
    restless = [view(minutes=25 * number) for number in range(58)]
    assert folded(*restless).sessions == 1
    assert folded(*restless, view(minutes=24 * 60 + 1)).sessions == 2


def test_another_campaign_begins_another_visit() -> None:
    assert folded(view(), view(minutes=1, utm_campaign="spring")).sessions == 2
    assert folded(view(utm_campaign="spring"), view(minutes=1, utm_campaign="sale")).sessions == 2


def test_the_same_campaign_or_none_stays_in_the_visit() -> None:
    customer = folded(view(utm_campaign="spring"), view(minutes=1), view(minutes=2, utm_campaign="spring"))
    assert customer.sessions == 1
    assert customer.session is not None
    assert (customer.session.views, customer.session.campaign) == (3, "spring")


def test_what_was_done_before_the_visit_began_does_not_change_it() -> None:
    customer = folded(view(minutes=50), view(minutes=1))
    assert customer.sessions == 1
    assert customer.session is not None
    assert customer.session.views == 1


def test_mail_and_orders_are_no_visit() -> None:
    assert folded(delivered(), order()).sessions == 0
