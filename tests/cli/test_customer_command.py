"""`streamproc customer ID`: what is known, as a person reads it."""

import io
import re
from typing import Any

from streamproc.cli.customer import addresses_named, show, stands_for
from streamproc.cli.terminal import Terminal
from streamproc.customer.alias import Alias, Waiting
from streamproc.customer.declared.counting import DeclaredFeatures
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.folds import fold
from streamproc.customer.state import Customer
from streamproc.decide.plan import Plan
from streamproc.events.email import Bounced
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
    on_order,
    order,
    plan,
    unsubscribed,
    view,
)

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
    assert "thanked (topic/0/0) at step_1 until 2024-05-02T12:00:00Z" in shown(shop.ada, rules)
