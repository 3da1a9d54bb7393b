"""`streamproc customer ID`: what is known, as a person reads it."""

import io
import re
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamproc.cli.customer import addresses_named, stands_for
from streamproc.cli.customer_page import show
from streamproc.cli.terminal import Terminal
from streamproc.customer.alias import Alias, Waiting
from streamproc.customer.declared.counting import DeclaredFeatures
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.folds import fold
from streamproc.customer.shop_figures import ShopFigures
from streamproc.customer.state import Customer
from streamproc.decide.messages.standing import NO_MODELS
from streamproc.decide.plan import Plan
from streamproc.decide.profile import profile_of
from streamproc.events.email import Bounced
from streamproc.events.money import MICROS
from streamproc.events.raw import Event
from streamproc.events.subject import Kind
from tests.builders import (
    Shop,
    at_ms,
    clicked,
    consent,
    entry,
    envelope,
    folded,
    identified,
    on_order,
    order,
    plan,
    release,
    unsubscribed,
    view,
)
from tests.strategies import events

VIEWS = {"name": "views", "description": "Pages.", "event": "page_viewed", "window": "14d"}


def shown(known: Customer, rules: Plan, asked_ms: int = 0) -> str:
    text = io.StringIO()
    show(Terminal(file=text, width=200), known, rules, at_ms(), asked_ms)
    return text.getvalue()


def answers(*happened: Event, days: float = 1, **rule: Any) -> dict[str, str]:
    """What the policy says of each message, so many days after noon of the first of May."""
    rules = plan(on_order(**rule), policy={"consent": {"marketing": "deny"}})
    shop = Shop(rules)
    shop.sees(*happened)
    rows = re.findall(
        r"^ (\w+(?: by \w+)?) +((?:yes|no)\b.*?) *$", shown(shop.ada, rules, at_ms(days=days)), re.MULTILINE
    )
    return dict(rows)


def test_declared_features_are_shown_beside_those_of_the_code() -> None:
    declared = DeclaredFeatures.of(FeatureSettings.model_validate({"feature": [VIEWS]}))
    text = shown(fold(None, entry(view()), declared), plan(features=[VIEWS]))
    names = re.findall(r"^ *(\w*views\w*) +1 *$", text, re.MULTILINE)
    assert names == ["views", "views_24h", "views_28d", "views_7d"]


def test_it_says_what_may_be_sent_and_by_which_channel() -> None:
    said = answers(consent(), channels=["push", "email"])
    assert said["marketing by email"] == "yes, by email"
    assert said["marketing by sms"] == "no: the customer has not allowed it"
    assert said["transactional by sms"] == "yes, by sms"
    assert said["thanks"] == "yes, by email"


def test_it_says_since_when_something_is_refused() -> None:
    assert answers(consent(), unsubscribed(minutes=5))["thanks"] == (
        "no: the customer has refused it (since 2024-05-01T12:05:00Z)"
    )
    lost = Bounced(message_id="m", **envelope({"minutes": 1}))
    assert "came back for good" in answers(consent(), lost)["marketing by email"]
    assert "since 2024-05-01T12:01:00Z" in answers(consent(), lost)["marketing by email"]


def test_it_says_until_when_something_is_refused() -> None:
    assert answers(consent(), order(), cool_down_hours=36)["thanks"] == (
        "no: the same message went out (since 2024-05-01T12:00:00Z, until 2024-05-03T00:00:00Z)"
    )
    assert answers(consent(), order(), cool_down_hours=36, days=2)["thanks"] == "yes, by email"
    softs = [Bounced(kind="soft", **envelope({"minutes": minutes})) for minutes in (1, 2, 3)]
    assert "until 2024-05-08T12:03:00Z" in answers(consent(), *softs)["marketing by email"]


def test_of_a_guest_s_order_there_is_nothing_to_say() -> None:
    guest = fold(None, entry(order(customer_id=None, order_id="o1")))
    assert "policy" not in shown(guest, plan(on_order()))


def test_it_says_for_whom_an_id_stands_or_what_waits_under_it() -> None:
    alias = Alias("a/v1").owned_by("c/ada", at_ms()).owned_by("c/bob", at_ms(hours=1))
    assert stands_for(alias) == (
        "anonymous visitor v1 stands for customer ada since 2024-05-01T12:00:00Z, "
        "then customer bob since 2024-05-01T13:00:00Z"
    )
    waiting = Alias("m/m1").holding(Waiting(at_ms(), at_ms(), "{}"))
    assert stands_for(waiting) == "message m1: nobody is known to be behind it; 1 events wait for their customer"


def test_an_address_is_looked_for_by_its_hash() -> None:
    [address] = addresses_named("Ada@Example.org", b"key")
    assert address.kind is Kind.ADDRESS
    assert addresses_named("ada", b"key") == []


def test_it_says_when_and_where_the_customer_answers() -> None:
    evening = [clicked(f"m{day}", days=day - 8, hours=6, channel="sms") for day in range(8)]
    assert "most around 18:00 (UTC), by sms; of 8.0 opens and clicks" in shown(folded(*evening), plan())
    assert "too little is known: of 2.0 opens and clicks" in shown(folded(*evening[:2]), plan())


def test_it_says_which_journeys_the_customer_is_on_and_at_which_step() -> None:
    steps = [{"kind": "wait", "days": 1}, {"kind": "message"}]
    rules = plan(on_order(), journeys=[{"name": "thanked", "start": "thanks", "step": steps}])
    shop = Shop(rules)
    shop.sees(order())
    said = "topic/0/0, since 2024-05-01T12:00:00Z, at step_1 until 2024-05-02T12:00:00Z"
    assert said in shown(shop.ada, rules)


def test_the_page_says_who_it_is_and_what_they_are_worth() -> None:
    shop = Shop(plan(on_order(), segments=[{"name": "buyers", "where": [{"feature": "orders_total", "at_least": 1}]}]))
    shop.bank = replace(shop.bank, figures=ShopFigures("rfm-1", (1, 2, 3, 4), (0, 1, 2, 3), (0, 1, 2, 3), 2.0, MICROS))
    shop.sees(consent(), identified({"city": "York"}), order(pounds=30))
    text = io.StringIO()
    show(Terminal(file=text, width=250), shop.ada, shop.plan, at_ms(hours=1), at_ms(), shop.bank)
    page = text.getvalue()
    assert "customer ada at 2024-05-01T13:00:00Z" in page
    assert re.search(r"city +York, since 2024-05-01T12:00:00Z", page)
    assert "lost (recency 1, frequency 2, monetary 5; by rfm-1)" in page
    assert "so far 30.00; to come" in page
    assert "12 x 30 days, discount 0.1, margin 0.3, cost 0" in page
    assert re.search(r"buyers +since 2024-05-01T12:00:00Z", page)
    assert re.search(r"thanks +2024-05-01T12:00:00Z by email, marketing: nothing is told of it", page)
    assert re.search(r"2024-05-08T12:00:00Z +asks what churn predicts", page)


def test_who_ordered_once_has_no_rhythm_yet() -> None:
    for happened in ([view()], [order()]):
        assert re.search(r"orders every +not known", shown(folded(*happened), plan()))
    assert re.search(r"orders every +1\.0 weeks", shown(folded(order(), order(days=7)), plan()))


def test_before_a_release_the_page_says_what_is_not_known() -> None:
    page = shown(folded(order()), plan())
    assert "not known: no order, or no thresholds are released" in page
    assert "not known: no order, or no figures of the shop are released" in page


def test_a_score_has_its_reasons_as_long_as_the_version_counts() -> None:
    shop = Shop(plan())
    shop.bank = shop.bank.with_release(release(shop.plan.predictions["churn"]))
    shop.sees(order())
    [said] = profile_of(shop.ada, shop.plan, shop.bank, at_ms())["scores"]
    assert said["version"] == "churn-1"
    assert said["reasons"]
    [later] = profile_of(shop.ada, shop.plan, NO_MODELS, at_ms())["scores"]
    assert later["reasons"] == []


@given(st.lists(events, min_size=1, max_size=10))
def test_every_profile_is_plain_data_and_a_page(happened: list[Event]) -> None:
    shop = Shop(plan(on_order()))
    shop.sees(view(), *happened)
    for known in shop.customers.values():
        assert orjson.loads(orjson.dumps(profile_of(known, shop.plan, shop.bank, at_ms(days=9))))["key"] == known.key
        assert shown(known, shop.plan)
