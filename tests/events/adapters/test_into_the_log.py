"""What adapters say goes into the customer log, and comes to the same in any order of arrival."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from streamproc.collect.clean import Cleaned, clean
from streamproc.collect.settings import CollectSettings
from streamproc.customer.ledger.movements import movements
from streamproc.customer.ledger.record import OrderRecord
from streamproc.customer.ledger.telling import told as settled
from streamproc.events.address import AddressHash
from streamproc.events.ignored import Ignored
from streamproc.events.log import decode_record, encode_record
from streamproc.events.purchase import PurchaseEvent
from streamproc.events.times import DAY_MS, parse_rfc3339
from tests.builders import ANY_TOPIC
from tests.events.adapters.telling import FILES, example, replaced, told

RECEIVED_MS = parse_rfc3339("2026-03-06T00:00:00Z")
ADDRESSES = AddressHash.of(b"key")


def cleaned(adapter: str, message: Any, received_ms: int = RECEIVED_MS) -> list[Cleaned]:
    found = [clean(each, received_ms, CollectSettings(), ANY_TOPIC, ADDRESSES) for each in told(adapter, message)]
    events = [each for each in found if not isinstance(each, Ignored)]
    assert all(isinstance(each, Cleaned) for each in events), events
    return [each for each in events if isinstance(each, Cleaned)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_an_example_says_is_logged_and_no_address_with_it(path: Path) -> None:
    for each in cleaned(path.parent.name, path.read_bytes()):
        logged = encode_record(each.event, each.at_ms, each.received_ms)
        assert decode_record(logged).event == each.event
        if each.event.type != "identified":
            assert b"@example" not in logged.replace(b"@mail.shop.example", b"")


def test_who_is_named_by_an_address_only_has_its_key_in_any_case_of_letters() -> None:
    event = {"timestamp": 1772481600, "event": "spamreport"}
    keys = [cleaned("sendgrid", event | {"email": name})[0].keys[0] for name in ("ada@example.org", "ADA@Example.org")]
    assert keys == [f"e/{ADDRESSES.id_of('ada@example.org')}"] * 2


def test_a_redaction_counts_from_when_it_is_received() -> None:
    [erasure] = cleaned("shopify", example("shopify/customer-redact"), RECEIVED_MS + 40 * DAY_MS)
    assert erasure.at_ms == RECEIVED_MS + 40 * DAY_MS


@pytest.mark.parametrize("seed", range(5))
def test_an_order_and_its_refund_come_to_the_same_in_any_order_and_however_often(seed: int) -> None:
    order, refund = example("shopify/order"), example("shopify/refund")
    paid = replaced(order, updated_at=order["created_at"], refunds=[], line_items__0__current_quantity=2)
    messages = [replaced(paid, customer=None), paid, order, refund, paid, refund]
    random.Random(seed).shuffle(messages)
    record: OrderRecord | None = None
    for each in (each for message in messages for each in cleaned("shopify", json.dumps(message).encode())):
        if isinstance(each.event, PurchaseEvent):
            record = settled(record, each.event.priced(1_000_000), each.at_ms)
    assert record is not None
    assert [(each.kind, each.micros) for each in movements(record)] == [
        ("ordered", 26_550_000),
        ("refunded", 12_000_000),
    ]
