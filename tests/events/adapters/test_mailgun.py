"""Mailgun's events, with all that is odd in them."""

from typing import Any

import pytest

from streamproc.events.ignored import Ignored, Why
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import epoch_ms
from tests.events.adapters.telling import example, replaced, says, told

OPENED, FAILED = example("mailgun/opened"), example("mailgun/failed")


def one(posted: Any, **values: Any) -> dict[str, Any]:
    [said] = says("mailgun", replaced(posted, **{f"event-data__{name}": value for name, value in values.items()}))
    assert isinstance(said, dict)
    return said


def test_an_open_says_who_when_and_of_which_message() -> None:
    [opened] = told("mailgun", OPENED)
    assert (opened.type, opened.customer_id, opened.trigger_id) == ("opened", "c-1042", "t-88")
    assert (opened.message_id, opened.campaign_id) == ("20260302200000.1.AAAA@mail.shop.example", "spring")
    assert epoch_ms(opened.occurred_at) == 1_772_481_660_521


def test_a_message_is_the_same_with_and_without_its_brackets() -> None:
    with_brackets = one(OPENED, message={"headers": {"message-id": "<20260302200000.1.AAAA@mail.shop.example>"}})
    assert with_brackets["message_id"] == one(OPENED)["message_id"]


def test_recipients_of_one_request_have_messages_of_their_own_if_nobody_is_known() -> None:
    unknown = replaced(OPENED, **{"event-data__user-variables": {}})
    ada, again, bob = (one(unknown, recipient=f"{name}@example.org")["message_id"] for name in ("ada", "ada", "bob"))
    assert ada == again != bob


@pytest.mark.parametrize("bot", ["apple", "gmail", "generic"])
def test_what_a_bot_opens_is_a_machine_s(bot: str) -> None:
    said = [one(OPENED, **{"client-info": {"bot": name}})["is_machine"] for name in (bot, "")]
    assert said == [True, False]
    assert one(OPENED, event="clicked", **{"client-info": {"client-type": "robot"}})["is_machine"] is True


def test_a_message_that_is_tried_in_vain_has_bounced_once() -> None:
    first, second = one(FAILED), one(FAILED, id="another", timestamp=1772482203.5)
    assert (first["type"], first["kind"]) == ("bounced", "soft")
    assert first["event_id"] == second["event_id"]
    assert first["event_id"] != one(FAILED, **{"user-variables": {"customer_id": "c-8"}})["event_id"]
    unknown = [one(FAILED, recipient=to, **{"user-variables": {}})["event_id"] for to in ("a@b.c", "d@e.f", "a@b.c")]
    assert unknown[0] == unknown[2] != unknown[1]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"severity": "permanent", "delivery-status": {"code": 550}}, "hard"),
        ({"severity": "permanent", "reason": "old", "delivery-status": {"code": 602}}, "soft"),
        ({"severity": "permanent", "delivery-status": {"code": 550, "bounce-type": "soft"}}, "soft"),
        ({"severity": "permanent", "reason": "espblock", "delivery-status": {"code": 550}}, "block"),
    ],
)
def test_a_permanent_failure_is_hard_unless_it_says_otherwise(values: dict[str, Any], kind: str) -> None:
    assert one(FAILED, **values)["kind"] == kind


@pytest.mark.parametrize("reason", ["suppress-bounce", "suppress-complaint", "suppress-unsubscribe"])
def test_what_was_never_tried_is_no_new_bounce(reason: str) -> None:
    said = one(FAILED, severity="permanent", reason=reason)
    assert (said["type"], said["reason"]) == ("dropped", reason)


@pytest.mark.parametrize(
    ("action", "type_"),
    [("accepted", "sent"), ("delivered", "delivered"), ("complained", "complained"), ("unsubscribed", "unsubscribed"),
     ("rejected", "dropped")],
)  # fmt: skip
def test_their_events_are_ours(action: str, type_: str) -> None:
    assert one(OPENED, event=action)["type"] == type_
    assert one(OPENED, event=action)["email"] == "ada@example.org"


def test_the_shop_s_own_variables_may_stand_in_a_text() -> None:
    assert one(OPENED, **{"user-variables": '{"customerId": 17}'})["customer_id"] == "17"


def test_a_page_of_events_is_a_list() -> None:
    page = {"items": [OPENED["event-data"], FAILED["event-data"]], "paging": {}}
    assert told("mailgun", page) == told("mailgun", OPENED) + told("mailgun", FAILED)


def test_other_events_are_ignored_and_what_is_none_is_a_dead_letter() -> None:
    assert told("mailgun", replaced(OPENED, **{"event-data__event": "stored"})) == [Ignored(Why.OTHER_EVENT)]
    assert told("mailgun", {}) == [Rejected(Reason.MISSING_FIELD, "event")]
