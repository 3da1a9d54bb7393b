"""SendGrid's events, with all that is odd in them."""

from typing import Any

import pytest

from streamproc.events.ignored import Ignored, Why
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import epoch_ms
from streamproc.events.tolerance import Mended
from tests.events.adapters.telling import example, says, told

EVENTS, UNDELIVERED = example("sendgrid/events"), example("sendgrid/undelivered")


def one(action: str, **values: Any) -> dict[str, Any]:
    event = {"event": action, "email": "ada@example.org", "timestamp": 1772481600, "customer_id": "c",
             "sg_event_id": "s", "sg_message_id": "m.filter1"}  # fmt: skip
    [said] = says("sendgrid", [event | values])
    assert isinstance(said, dict)
    return said


def events(message: Any) -> list[Any]:
    return [each.event if isinstance(each, Mended) else each for each in told("sendgrid", message)]


def test_a_post_is_a_list_of_events() -> None:
    assert [each.type for each in events(EVENTS)] == ["sent", "delivered", "opened", "clicked", "unsubscribed"]
    assert [each.type for each in events(UNDELIVERED)] == ["deferred", "bounced", "bounced", "dropped"]


def test_times_are_seconds() -> None:
    assert epoch_ms(events(EVENTS)[0].occurred_at) == 1_772_481_600_000


def test_all_events_of_a_message_name_the_same_one() -> None:
    assert {each.message_id for each in events(EVENTS)} == {"14c5d75ce93.dfd.64b469"}


@pytest.mark.parametrize(
    ("values", "message_id"),
    [({"sg_message_id": ""}, None), ({"sg_message_id": None, "smtp-id": "<a@b>"}, "a@b"),
     ({"message_id": "ours-1"}, "ours-1"), ({"sg_message_id": "x.recvd-5c96.0"}, "x")],
)  # fmt: skip
def test_a_message_is_known_by_our_id_theirs_or_the_mail_s(values: dict[str, Any], message_id: str | None) -> None:
    assert one("bounce", **values).get("message_id") == message_id


def test_recipients_of_one_request_have_messages_of_their_own_if_nobody_is_known() -> None:
    ada, bob = (one("open", customer_id=None, sg_message_id=f"m.filter1.1.{number}")["message_id"] for number in (0, 1))
    assert (ada, bob) == ("m.filter1.1.0", "m.filter1.1.1")
    assert "message_id" not in one("bounce", customer_id=None, sg_message_id="", **{"smtp-id": "<a@b>"})


def test_a_late_bounce_without_a_message_is_a_bounce() -> None:
    late = events(UNDELIVERED)[2]
    assert (late.type, late.kind, late.message_id, late.customer_id) == ("bounced", "hard", None, "c-8")


def test_what_is_sent_twice_is_known_by_its_id_also_if_it_has_none() -> None:
    assert [each.event_id for each in events(EVENTS + EVENTS)] == [each.event_id for each in events(EVENTS)]
    unsubscribed = one("unsubscribe", sg_event_id=None)["event_id"]
    assert unsubscribed == one("unsubscribe", sg_event_id=None)["event_id"]
    assert unsubscribed != one("unsubscribe", sg_event_id=None, timestamp=1772481601)["event_id"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [({"type": "bounce", "status": "5.1.1"}, "hard"), ({"type": "blocked", "status": "5.7.1"}, "block"),
     ({"type": "bounce", "status": "4.2.2"}, "soft"), ({"type": "expired"}, "soft"), ({}, "hard")],
)  # fmt: skip
def test_a_refused_message_is_no_hard_bounce(values: dict[str, Any], kind: str) -> None:
    assert one("bounce", **values)["kind"] == kind


def test_what_is_deferred_is_no_bounce_and_what_is_dropped_has_a_reason() -> None:
    assert one("deferred", response="451 later") | {"type": "deferred", "reason": "451 later"} == one(
        "deferred", response="451 later"
    )
    assert (one("dropped", reason="Bounced Address")["type"], one("dropped", reason="x")["reason"]) == ("dropped", "x")


def test_apple_s_opens_are_a_machine_s() -> None:
    assert [one("open", sg_machine_open=said)["is_machine"] for said in (True, "true", False, None)] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "campaign"),
    [({"category": "spring"}, "spring"), ({"category": ["spring", "b"]}, "spring"), ({"category": []}, None),
     ({"campaignId": 7, "category": "x"}, "7"), ({"singlesend_id": "s-1"}, "s-1")],
)  # fmt: skip
def test_a_category_is_a_text_or_a_list_and_our_own_campaign_comes_first(
    values: dict[str, Any], campaign: str | None
) -> None:
    assert one("open", **values).get("campaign_id") == campaign


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        (None, {"type": "unsubscribed"}),
        ("Weekly tips", {"type": "unsubscribed"}),
        ("transactional", {"type": "consent_changed", "purpose": "transactional", "granted": False}),
    ],
)
def test_a_group_s_unsubscription_is_for_the_purpose_that_is_named_else_for_marketing(
    purpose: str | None, said: dict[str, Any]
) -> None:
    assert said.items() <= one("group_unsubscribe", asm_group_id=10, purpose=purpose).items()


def test_who_subscribes_to_a_group_again_allows_it() -> None:
    said = one("group_resubscribe", asm_group_id=10)
    assert {
        "type": "consent_changed",
        "channel": "email",
        "purpose": "marketing",
        "granted": True,
    }.items() <= said.items()


def test_the_address_and_the_program_are_the_person_s_only_if_the_person_did_it() -> None:
    assert one("click", ip="192.0.2.1", useragent="Mozilla")["ip"] == "192.0.2.1"
    assert "ip" not in one("delivered", ip="192.0.2.1")
    assert one("click")["email"] == "ada@example.org"


def test_other_events_are_ignored_and_what_is_none_is_a_dead_letter() -> None:
    assert events([{"event": "account_status_change"}, {}, 1]) == [
        Ignored(Why.OTHER_EVENT), Rejected(Reason.MISSING_FIELD, "event"), Rejected(Reason.NOT_AN_OBJECT, "int"),
    ]  # fmt: skip
