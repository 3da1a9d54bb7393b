"""Triggers: how many, why not, and what the customers did next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from streamproc.events.times import DAY_MS, parse_rfc3339
from streamproc.offline.backtest.judging import Estimate
from streamproc.offline.backtest.orders import Behaviour

AFTER_DAYS = (1, 7, 28)
_Z = 1.96

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WhatNext:
    """The share of customers with an order within `days`, of the cases that the log goes on long enough for."""

    days: int
    cases: int
    ordered: Estimate


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule: messages and refusals, per day, and what customers did next after each.

    `after_refusals` are those who were not written to, so they are what would have happened anyway; but they differ
    from the others (no consent, a cool-down), so the difference is no effect.
    """

    rule: str
    sent: int
    refused: int
    by_day: dict[str, int]
    reasons: dict[str, int]
    after_messages: list[WhatNext]
    after_refusals: list[WhatNext]


@dataclass
class _Heard:
    sent: list[Message] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)


def judge_triggers(sent: Iterable[Message], refused: Iterable[Message], behaviour: Behaviour) -> list[RuleResult]:
    """Judge each rule by what the customers did next."""
    by_rule: dict[str, _Heard] = defaultdict(_Heard)
    for message in sent:
        by_rule[message["trigger"]].sent.append(message)
    for message in refused:
        by_rule[message["trigger"]].refused.append(message)
    return [_judged(rule, by_rule[rule], behaviour) for rule in sorted(by_rule)]


def _judged(rule: str, heard: _Heard, behaviour: Behaviour) -> RuleResult:
    days = Counter(message["at"][:10] for message in heard.sent)
    return RuleResult(
        rule=rule,
        sent=len(heard.sent),
        refused=len(heard.refused),
        by_day=dict(sorted(days.items())),
        reasons=dict(Counter(message["reason"] for message in heard.refused).most_common()),
        after_messages=_what_next(heard.sent, behaviour),
        after_refusals=_what_next(heard.refused, behaviour),
    )


def _what_next(messages: list[Message], behaviour: Behaviour) -> list[WhatNext]:
    found = []
    for days in AFTER_DAYS:
        known = [message for message in messages if behaviour.is_known(parse_rfc3339(message["at"]), days)]
        ordered = sum(_ordered(message, days, behaviour) for message in known)
        found.append(WhatNext(days, len(known), share(ordered, len(known))))
    return found


def _ordered(message: Message, days: int, behaviour: Behaviour) -> bool:
    at_ms = parse_rfc3339(message["at"])
    return bool(behaviour.next_orders(message["customer_id"], at_ms, at_ms + days * DAY_MS))


def share(hits: int, cases: int) -> Estimate:
    """A share with its 95 % interval. Source: Wilson (1927).

    >>> share(5, 10).low
    0.2365895936154873
    """
    if not cases:
        return Estimate(None)
    rate, square = hits / cases, _Z**2
    middle = (rate + square / (2 * cases)) / (1 + square / cases)
    half = _Z * sqrt(rate * (1 - rate) / cases + square / (4 * cases**2)) / (1 + square / cases)
    return Estimate(rate, max(0.0, middle - half), min(1.0, middle + half))
