from datetime import timedelta
from typing import Any

import pytest

from streamproc.collect.clean import Cleaned, Progressed, clean
from streamproc.collect.settings import CollectSettings
from streamproc.events.adapters.native import parse
from streamproc.events.rejected import Reason, Rejected
from streamproc.events.times import HOUR_MS, SECOND_MS, rfc3339
from tests.builders import ANY_TOPIC, NOON, NOON_MS, raw

SETTINGS = CollectSettings()


def cleaned(message: bytes, received_ms: int = NOON_MS) -> Cleaned:
    result = clean(parse(message), received_ms, SETTINGS, ANY_TOPIC)
    assert isinstance(result, Cleaned)
    return result


def reason_of(message: bytes, received_ms: int = NOON_MS) -> Reason | None:
    result = clean(parse(message), received_ms, SETTINGS, ANY_TOPIC)
    return result.reason if isinstance(result, Rejected) else None


def happened(seconds: float = 0, **values: Any) -> bytes:
    return raw(occurred_at=(NOON + timedelta(seconds=seconds)).isoformat(), **values)


def test_without_sent_at_the_producer_s_clock_is_believed() -> None:
    assert cleaned(happened(-90)).at_ms == NOON_MS - 90 * SECOND_MS


@pytest.mark.parametrize("wrong_by_hours", [-30, -1, 0, 1, 30, 24 * 4000])
def test_with_sent_at_a_wrong_clock_is_put_right(wrong_by_hours: int) -> None:
    happened_at = NOON + timedelta(hours=wrong_by_hours)
    sent_at = happened_at + timedelta(seconds=40)
    message = raw(occurred_at=happened_at.isoformat(), sent_at=sent_at.isoformat())
    assert cleaned(message).at_ms == NOON_MS - 40 * SECOND_MS
    assert not cleaned(message).was_clamped


def test_the_event_itself_keeps_the_producer_s_time() -> None:
    assert cleaned(happened(-90, sent_at=NOON.isoformat())).event.occurred_at == NOON - timedelta(seconds=90)


@pytest.mark.parametrize(("ahead", "seen_at", "was_clamped"), [(5, 5, False), (5.001, 0, True), (86400, 0, True)])
def test_a_time_ahead_of_the_tolerance_becomes_now(ahead: float, seen_at: int, *, was_clamped: bool) -> None:
    event = cleaned(happened(ahead))
    assert (event.at_ms, event.was_clamped) == (NOON_MS + seen_at * SECOND_MS, was_clamped)


def test_an_event_sent_before_it_happened_becomes_now() -> None:
    message = happened(0, sent_at=(NOON - timedelta(minutes=10)).isoformat())
    assert (cleaned(message).at_ms, cleaned(message).was_clamped) == (NOON_MS, True)


DAY_SECONDS = 86_400


@pytest.mark.parametrize(("days", "is_backfill"), [(400, False), (400.1, True), (3 * 365, True)])
def test_what_is_received_long_after_it_happened_is_history(days: float, *, is_backfill: bool) -> None:
    event = cleaned(happened(-days * DAY_SECONDS))
    assert (event.is_backfill, event.result) == (is_backfill, "backfill" if is_backfill else "accepted")
    assert event.at_ms == NOON_MS - days * DAY_SECONDS * SECOND_MS


def test_a_sender_that_tells_its_own_time_of_sending_is_believed_however_long_it_was_away() -> None:
    assert not cleaned(happened(-500 * DAY_SECONDS, sent_at=NOON.isoformat())).is_backfill


def test_history_whose_record_says_that_it_was_received_then_is_no_backfill() -> None:
    """So `streamproc send` tells a shop's past, and triggers fire in it."""
    years_ms = 3 * 365 * DAY_SECONDS * SECOND_MS
    assert not cleaned(happened(-years_ms / SECOND_MS), received_ms=NOON_MS - years_ms).is_backfill


@pytest.mark.parametrize("year", ["0001", "1970", "1999", "2100", "9999"])
def test_a_time_that_cannot_be_is_rejected(year: str) -> None:
    assert reason_of(raw(occurred_at=f"{year}-12-31T00:00:00Z")) == Reason.TIME_OUT_OF_RANGE


def test_the_limits_of_what_is_believed_are_exact() -> None:
    assert reason_of(raw(occurred_at="2000-01-01T00:00:00Z")) is None
    assert reason_of(raw(occurred_at="1999-12-31T23:59:59.999Z")) == Reason.TIME_OUT_OF_RANGE
    assert reason_of(raw(occurred_at=rfc3339(NOON_MS + 24 * HOUR_MS))) is None
    assert reason_of(raw(occurred_at=rfc3339(NOON_MS + 24 * HOUR_MS + 1))) == Reason.TIME_OUT_OF_RANGE


def test_clocks_at_both_ends_of_time_are_no_trouble() -> None:
    message = raw(occurred_at="0001-01-01T00:00:00+23:59", sent_at="9999-12-31T23:59:59-23:59")
    assert reason_of(message) == Reason.TIME_OUT_OF_RANGE


@pytest.mark.parametrize("record_ms", [-1, 0, 12345])
def test_a_record_s_time_that_cannot_be_gives_way_to_the_event_s(record_ms: int) -> None:
    event = cleaned(raw(), record_ms)
    assert (event.at_ms, event.received_ms, event.mended) == (NOON_MS, NOON_MS, ("record_time",))


@pytest.mark.parametrize("record_ms", [NOON_MS // 1000, NOON_MS * 1000, NOON_MS * 1_000_000])
def test_a_record_s_time_in_another_unit_is_read_and_named(record_ms: int) -> None:
    event = cleaned(happened(-90), record_ms)
    assert (event.at_ms, event.received_ms, event.mended) == (NOON_MS - 90 * SECOND_MS, NOON_MS, ("record_time",))


REFUSALS = [
    {"type": "unsubscribed"},
    {"type": "complained"},
    {"type": "erasure_requested"},
    {"type": "consent_changed", "channel": "email", "granted": False},
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("time", ["1970-01-01T00:00:10Z", "2028-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_wrong_clock_never_costs_a_refusal(refusal: dict[str, Any], time: str) -> None:
    event = cleaned(raw(occurred_at=time, **refusal))
    assert (event.at_ms, event.was_clamped) == (NOON_MS, True)


def test_a_consent_by_a_wrong_clock_is_no_refusal() -> None:
    message = raw(occurred_at="1970-01-01T00:00:10Z", type="consent_changed", channel="email", granted=True)
    assert reason_of(message) == Reason.TIME_OUT_OF_RANGE


NOBODY = ["null", "NULL", "0", "000", "anonymous", "Anonymous", "undefined", "none"]
NOBODY += ["00000000-0000-0000-0000-000000000000"]


@pytest.mark.parametrize("name", NOBODY)
def test_an_id_that_identifies_nobody_is_rejected(name: str) -> None:
    assert reason_of(raw(customer_id=name)) == Reason.MISSING_ID


@pytest.mark.parametrize("name", NOBODY)
def test_an_id_that_identifies_nobody_gives_way_to_the_visitor_s(name: str) -> None:
    event = cleaned(raw(customer_id=name, anonymous_id="v1"))
    assert (event.keys[0], event.event.customer_id) == ("a/v1", None)


def test_a_visitor_who_is_nobody_does_not_matter_beside_a_customer() -> None:
    event = cleaned(raw(anonymous_id="null"))
    assert (event.keys[0], event.event.anonymous_id) == ("c/ada", None)


@pytest.mark.parametrize("name", ["00a", "10", "nullable", "-0-1", "~", "guest:o7", "c/ada", "a/", "/"])
def test_an_id_that_only_looks_alike_is_somebody(name: str) -> None:
    assert cleaned(raw(customer_id=name)).keys == (f"c/{name}",)


def test_an_order_of_nobody_is_a_guest_s() -> None:
    lines = [{"sku": "lamp", "quantity": 1, "unit_price": 1}]
    message = raw(type="order_placed", customer_id="null", order_id="o7", currency="GBP", lines=lines)
    assert cleaned(message).keys == ("o/o7",)


@pytest.mark.parametrize(
    "ids",
    [{"anonymous_id": "null"}, {"customer_id": "anonymous", "anonymous_id": "v1"}, {"anonymous_id": None}],
)
def test_a_link_needs_both_ids(ids: dict[str, str | None]) -> None:
    assert reason_of(raw(type="linked", anonymous_id="v1")) is None
    assert reason_of(raw(type="linked", **ids)) == Reason.MISSING_ID


def test_a_merge_needs_the_customer_that_stays() -> None:
    merge = {"type": "merged", "merged_customer_id": "old"}
    assert reason_of(raw(**merge)) is None
    assert reason_of(raw(**merge, customer_id="null", anonymous_id="v1")) == Reason.MISSING_ID


def test_what_cannot_be_parsed_is_rejected_with_its_own_reason() -> None:
    assert clean(parse(b"[]"), NOON_MS, SETTINGS, ANY_TOPIC) == Rejected(Reason.NOT_AN_OBJECT, "list")


def test_punctuation_says_how_far_the_source_is() -> None:
    message = b'{"type":"source_progressed","through":"2024-05-01T12:00:00.250Z"}'
    assert clean(parse(message), NOON_MS, SETTINGS, ANY_TOPIC) == Progressed(NOON_MS + 250)
