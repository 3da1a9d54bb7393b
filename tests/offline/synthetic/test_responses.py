"""The demo's shoppers click on the offers that they like, and everything that they do is an event as any other."""

from collections import Counter
from typing import Any

import pytest

from streamproc.events.adapters.native import parse
from streamproc.events.email import Clicked, Delivered, Opened, Sent
from streamproc.offline.synthetic.responses import TASTES, chance_of_click, mail_of
from tests.builders import view
from tests.decide.offers.offering import offer as offered
from tests.decide.offers.offering import offers, shop_with


def chosen(number: int, offer: str = "new_arrivals", **features: float) -> dict[str, Any]:
    return {
        "offer_decision_id": f"d{number}", "offer_id": offer, "customer_id": "c1", "channel": "email",
        "at": "2026-01-01T12:00:00Z", "features": features,
    }  # fmt: skip


def test_a_mail_is_sent_delivered_perhaps_opened_and_clicked_in_this_order() -> None:
    kinds: Counter[tuple[type, ...]] = Counter()
    for number in range(300):
        mail = mail_of(chosen(number), 1)
        assert [each.timestamp for each in mail] == sorted(each.timestamp for each in mail)
        kinds[tuple(type(parse(each.value)) for each in mail)] += 1
    assert set(kinds) == {(Sent, Delivered), (Sent, Delivered, Opened), (Sent, Delivered, Opened, Clicked)}


def test_they_click_as_often_as_they_like_it() -> None:
    for views in (0.0, 2.0):
        wanted = chance_of_click(chosen(0, log_views_7d=views))
        clicks = sum(len(mail_of(chosen(number, log_views_7d=views), 1)) == 4 for number in range(1000))
        assert clicks / 1000 == pytest.approx(wanted, abs=0.05)


def test_the_same_choice_gets_the_same_answer_and_a_visitor_none() -> None:
    assert mail_of(chosen(1), 1) == mail_of(chosen(1), 1)
    assert mail_of(chosen(1) | {"customer_id": None}, 1) == []


@pytest.mark.parametrize("offer", [*TASTES, "somebody_elses_idea"])
def test_any_offer_is_answered(offer: str) -> None:
    assert 0 < chance_of_click(chosen(1, offer, log_mean_order_value=5.0)) < 1


def test_a_click_is_the_reward_of_its_offer() -> None:
    shop = shop_with(offered("free_shipping_next_order"))
    for number in range(40):
        shop.sees(view(customer_id=f"c{number}"))
    said = [mail_of({**chosen(0), **_values(each)}, 1) for each in offers(shop)]
    shop.sees(*(parse(message.value) for mail in said for message in mail))  # type: ignore[arg-type]
    liked = sum(len(mail) == 4 for mail in said)
    assert sum(each.clicked > 0 for customer in shop.customers.values() for each in customer.open_offers) == liked > 5


def _values(decision: Any) -> dict[str, Any]:
    names = ("offer_decision_id", "offer_id", "customer_id", "channel", "at", "features")
    return {name: getattr(decision, name) for name in names}
