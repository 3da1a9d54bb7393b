"""What may be expected of a case: one subject, any filters, one or more comparisons.

Replays write to `out`, imports to `*.jsonl` beside it. `"*"` as a name means any.

=============================  =====================================================================================
`kpi = NAME`                   its newest value, money in units of the currency; `window` for a day, else in total;
                               `"unknown"` if it has no value, `"none"` if there is no record
`trigger`, `suppression`,      how many messages, refusals by reason, offers
`offer`
`segment = NAME`               how many customers are in it at the end
`records = TOPIC`              how many records on an output topic
`dead_letters = EVENT_ID`      how many; with `reason` those whose reason or detail has the text
`events`, `money = TYPE`       how many imported events, what they add up to; with `file` of one dump
`put_aside = "*"`              how many rows in files of rejects; with `with` those that have the text
`message = TEXT`               whether a command said it, in any case of letters
`file = NAME`                  whether it is there at the end
`exit_code = "last"`           that of the last command
=============================  =====================================================================================

Filters: `customer` (`""`: nobody), `order`, `channel`, `rule`, `at` (how the time begins). Comparisons: `equals`,
`is_not`, `one_of`, `at_least`, `at_most`, `near` (0.1 %). `any = [...]`: one of these; `{ all = [...] }`: all of them.
"""

import csv
from collections.abc import Callable
from typing import Any

import orjson

from tests.cases.case import Ran, Table

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda found, wanted: found == wanted,
    "is_not": lambda found, wanted: found != wanted,
    "one_of": lambda found, wanted: found in wanted,
    "at_least": lambda found, wanted: not isinstance(found, str) and found >= wanted,
    "at_most": lambda found, wanted: not isinstance(found, str) and found <= wanted,
    "near": lambda found, wanted: not isinstance(found, str) and abs(found - wanted) <= 0.001 * abs(wanted),
}
FIELDS = {"customer": "customer_id", "order": "order_id", "channel": "channel", "rule": "trigger"}
FILTERS = {*FIELDS, "window", "at", "reason", "with", "file"}
SEGMENTS = "out/marketing.segments.v1.jsonl"
ENTERED_OR_LEFT = {"entered": 1, "left": -1}


def complaint(ran: Ran, expect: Table) -> str | None:
    """What is wrong with an expectation; None if it holds."""
    if "any" in expect:
        complaints = [complaint(ran, part) for part in expect["any"]]
        return None if None in complaints else f"neither {'; nor '.join(map(str, complaints))}"
    if "all" in expect:
        return next((text for part in expect["all"] if (text := complaint(ran, part))), None)
    subject = next(name for name in SUBJECTS if name in expect)
    asked = expect.keys() & COMPARISONS.keys()
    assert asked, f"{expect} compares nothing"
    assert not expect.keys() - FILTERS - asked - {subject}, f"what does this mean: {expect}"
    found = SUBJECTS[subject](ran, expect[subject], expect)
    if all(COMPARISONS[name](found, expect[name]) for name in asked):
        return None
    return f"{', '.join(f'{key} {value}' for key, value in expect.items())}: found {found}"


def values(ran: Ran, pattern: str, expect: Table, key: str, wanted: str) -> list[Table]:
    """The values of the records of which `key` is as wanted ("*": anything) and that pass the filters."""
    asked = {key: wanted, **{FIELDS[name]: expect[name] for name in FIELDS if name in expect}}
    found = [record["value"] for record in ran.records(pattern)]
    found = [value for value in found if all(text in ("*", value.get(name) or "") for name, text in asked.items())]
    return [
        value for value in found if str(value.get("at") or value.get("occurred_at")).startswith(expect.get("at", ""))
    ]


def _kpi(ran: Ran, name: str, expect: Table) -> Any:
    window = expect.get("window", "total")
    of_window = [
        value
        for value in values(ran, "out/marketing.kpis.v1.jsonl", {}, "kpi", name)
        if window in (value["window"], value["start"][:10] if value["window"] == "day" else "")
    ]
    if not of_window:
        return "none"
    newest = max(of_window, key=lambda value: value["revision"])
    if newest["value"] is None:
        return "unknown"
    return newest["value"] / 1e6 if newest["unit"] == "micros" else newest["value"]


def _dead_letters(ran: Ran, event_id: str, expect: Table) -> int:
    count = 0
    for record in ran.records("out/*.dlq.jsonl"):
        reason = " ".join(str(header["value"]) for header in record["headers"] if header["name"] != "dlq-topic")
        said = orjson.dumps(record.get("value")).decode().replace("\\", "")
        of_event = event_id == "*" or f'"{event_id}"' in said
        count += of_event and expect.get("reason", "").lower() in reason.lower()
    return count


def _money(ran: Ran, kind: str, expect: Table) -> float:
    total = 0
    for event in values(ran, expect.get("file", "*.jsonl"), expect, "type", kind):
        lines = event.get("lines") or []
        of_lines = sum(line["quantity"] * line["unit_price"] - line.get("discount", 0) for line in lines)
        total += event.get("amount") or of_lines
    return total / 1e6


def _put_aside(ran: Ran, _: str, expect: Table) -> int:
    count = 0
    for path in ran.folder.rglob("*reject*"):
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            for row in csv.DictReader(file):
                of_order = expect.get("order") in (None, row.get("order"), row.get("Name"))
                count += of_order and expect.get("with", "") in str(list(row.values()))
    return count


SUBJECTS: dict[str, Callable[[Ran, Any, Table], Any]] = {
    "kpi": _kpi,
    "trigger": lambda ran, name, e: len(values(ran, "out/marketing.triggers.*.jsonl", e, "trigger", name)),
    "suppression": lambda ran, why, e: len(values(ran, "out/marketing.suppressions.v1.jsonl", e, "reason", why)),
    "offer": lambda ran, offer, e: len(values(ran, "out/marketing.offers.v1.jsonl", e, "offer_id", offer)),
    "segment": lambda ran, name, e: sum(
        ENTERED_OR_LEFT[value["change"]] for value in values(ran, SEGMENTS, e, "segment", name)
    ),
    "records": lambda ran, topic, e: len(values(ran, f"out/{topic}.jsonl", e, "", "*")),
    "dead_letters": _dead_letters,
    "events": lambda ran, kind, e: len(values(ran, e.get("file", "*.jsonl"), e, "type", kind)),
    "money": _money,
    "put_aside": _put_aside,
    "message": lambda ran, text, _: text.lower() in " ".join(ran.said.split()).lower(),
    "exit_code": lambda ran, _, __: ran.codes[-1],
    "file": lambda ran, name, _: (ran.folder / name).exists(),
}
