"""Amazon SES's events, with all that is odd in them."""

import json
from typing import Any

import pytest

from streamproc.events.email import Bounced, Clicked, Delivered, Unsubscribed
from streamproc.events.ignored import Ignored, Why
from streamproc.events.rejected import Reason, Rejected
from tests.events.adapters.telling import example, replaced, says, told

CLICK, BOUNCE = example("ses/click"), example("ses/bounce")
INNER_CLICK, INNER_BOUNCE = json.loads(CLICK["Message"]), json.loads(BOUNCE["Message"])
SUBSCRIPTION = json.loads(example("ses/subscription")["Message"])


def kinds(message: Any) -> list[tuple[str, str | None]]:
    return [(each["type"], each.get("email")) for each in says("ses", message) if isinstance(each, dict)]


def event(action: str, **parts: Any) -> dict[str, Any]:
    return {"eventType": action, "mail": INNER_CLICK["mail"], **parts}


def test_the_message_is_json_in_a_text() -> None:
    [click] = told("ses", CLICK)
    assert isinstance(click, Clicked)
    assert (click.customer_id, click.trigger_id, click.url) == ("c-1042", "t-88", "https://shop.example/garden")
    assert click.message_id == INNER_CLICK["mail"]["messageId"]


def test_it_may_also_come_by_itself_in_eventbridge_s_envelope_or_in_lambda_s() -> None:
    assert told("ses", INNER_CLICK) == told("ses", CLICK)
    assert told("ses", {"Records": [{"EventSource": "aws:sns", "Sns": CLICK}]}) == told("ses", CLICK)
    assert isinstance(told("ses", example("ses/eventbridge"))[0], Delivered)


def test_the_kind_is_named_by_either_of_two_fields() -> None:
    assert kinds(replaced(INNER_BOUNCE, notificationType=..., eventType="Bounce")) == kinds(INNER_BOUNCE)


def test_only_those_who_bounced_have_bounced() -> None:
    [bounce] = says("ses", BOUNCE)
    assert (bounce["type"], bounce["kind"], bounce["email"]) == ("bounced", "hard", "lin@example.com")


def test_each_of_several_recipients_has_an_event_of_its_own() -> None:
    both = replaced(INNER_BOUNCE, bounce__bouncedRecipients=[{"emailAddress": "a@b.c"}, {"emailAddress": "d@e.f"}])
    first, second = says("ses", both)
    assert first["event_id"] != second["event_id"]
    assert kinds(event("Send", mail=INNER_BOUNCE["mail"])) == [
        ("sent", "lin@example.com"),
        ("sent", "grace@example.net"),
    ]


def test_of_several_recipients_nobody_is_the_customer_who_was_given_along() -> None:
    mail = INNER_CLICK["mail"] | {"destination": ["a@b.c", "d@e.f"]}
    ada, bob = says("ses", {"eventType": "Send", "mail": mail})
    assert ("customer_id" in ada, ada["email"], ada["trigger_id"]) == (False, "a@b.c", "t-88")
    assert ada["message_id"] != bob["message_id"]
    [delivered] = says("ses", {"eventType": "Delivery", "mail": mail, "delivery": {"recipients": ["d@e.f"]}})
    assert delivered["message_id"] == bob["message_id"]


def test_of_several_recipients_nobody_knows_who_opened() -> None:
    several = replaced(INNER_CLICK, mail__destination=["a@b.c", "d@e.f"])
    assert told("ses", several) == [Ignored(Why.NOBODY)]


@pytest.mark.parametrize(
    ("kind", "detail", "status", "ours"),
    [("Permanent", "General", "5.1.1", "hard"), ("Transient", "MailboxFull", "5.2.2", "soft"),
     ("Transient", "General", None, "soft"), ("Undetermined", "Undetermined", None, "undetermined"),
     ("Transient", "ContentRejected", "5.6.1", "block"), (None, None, None, "undetermined")],
)  # fmt: skip
def test_the_class_of_a_bounce_counts_whatever_its_status(
    kind: str | None, detail: str | None, status: str | None, ours: str
) -> None:
    said = replaced(
        INNER_BOUNCE, bounce__bounceType=kind, bounce__bounceSubType=detail, bounce__bouncedRecipients__0__status=status
    )
    assert says("ses", said)[0]["kind"] == ours


def test_what_was_never_tried_is_dropped() -> None:
    [said] = says("ses", replaced(INNER_BOUNCE, bounce__bounceSubType="OnAccountSuppressionList"))
    assert (said["type"], said["reason"]) == ("dropped", "OnAccountSuppressionList")


@pytest.mark.parametrize(
    ("message", "type_", "reason"),
    [
        (event("DeliveryDelay", deliveryDelay={"delayType": "Full", "delayedRecipients": []}), "deferred", "Full"),
        (event("RenderingFailure", failure={"errorMessage": "no name"}), "dropped", "no name"),
        (event("Reject", reject={"reason": "Bad content"}), "dropped", "Bad content"),
    ],
)  # fmt: skip
def test_what_did_not_leave_has_a_reason(message: Any, type_: str, reason: str) -> None:
    [said] = says("ses", message)
    assert (said["type"], said["reason"], said["email"]) == (type_, reason, "ada@example.org")


def test_a_complaint_is_one_unless_it_says_the_opposite() -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "ada@example.org"}], "complaintFeedbackType": "abuse"}
    assert kinds(event("Complaint", complaint=complaint)) == [("complained", "ada@example.org")]
    opposite = event("Complaint", complaint=complaint | {"complaintFeedbackType": "not-spam"})
    assert told("ses", opposite) == [Ignored(Why.NO_NEWS)]


@pytest.mark.parametrize(
    ("agent", "is_machine"), [("Mozilla/5.0", True), ("Mozilla/5.0 (X11; Linux x86_64)", None), (None, None)]
)
def test_an_open_of_apple_s_proxy_is_a_machine_s(agent: str | None, is_machine: bool | None) -> None:
    [said] = says("ses", event("Open", open={"timestamp": "2026-03-02T20:01:00Z", "userAgent": agent}))
    assert said.get("is_machine") is is_machine


def test_two_opens_are_two() -> None:
    first, second = (
        says("ses", event("Open", open={"timestamp": at}))[0]["event_id"] for at in ("2026-03-02T20:01Z", "x")
    )
    assert first != second


def test_who_unsubscribes_by_the_header_means_it() -> None:
    [said] = told("ses", example("ses/subscription"))
    assert isinstance(said, Unsubscribed)
    assert said.one_click


@pytest.mark.parametrize(
    ("topics", "granted"),
    [
        ({"news": "OptIn"}, [("consent_changed", "marketing", True)]),
        ({"news": "OptIn", "tips": "OptOut"}, [("unsubscribed", None, None)]),
        ({"transactional": "OptOut"}, [("consent_changed", "transactional", False)]),
        ({}, []),
    ],
)
def test_of_topics_for_one_purpose_a_refused_one_refuses_it(topics: dict[str, str], granted: list[Any]) -> None:
    status = [{"topicName": name, "subscriptionStatus": said} for name, said in topics.items()]
    wanted = {"unsubscribeAll": False, "topicSubscriptionStatus": status}
    said = [each for each in says("ses", replaced(SUBSCRIPTION, subscription__newTopicPreferences=wanted))
            if isinstance(each, dict)]  # fmt: skip
    assert [(each["type"], each.get("purpose"), each.get("granted")) for each in said] == granted


def test_what_sns_says_of_itself_is_ignored() -> None:
    assert told("ses", example("ses/subscription-confirmation")) == [Ignored(Why.OTHER_EVENT)]
    greeting = replaced(CLICK, Message="Successfully validated SNS topic for Amazon SES event publishing.")
    assert told("ses", greeting) == [Ignored(Why.TEST)]


def test_a_text_that_is_no_json_is_a_dead_letter() -> None:
    [letter] = told("ses", replaced(CLICK, Message="{"))
    assert letter.reason == Reason.NOT_JSON
    assert told("ses", {"Message": "{}"}) == [Rejected(Reason.MISSING_FIELD, "eventType")]


def test_a_bounce_without_a_known_customer_is_of_its_address() -> None:
    [said] = says("ses", BOUNCE)
    assert Bounced.model_validate({**said, "customer_id": "c"}, strict=False).kind == "hard"
