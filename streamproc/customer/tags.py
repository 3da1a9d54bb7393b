"""Tags: named facts about a customer, such as `prefers-garden`.

A customer has a tag as long as a rule gives it (`config/tags.toml`), or an event or an import has said so last. Of what
was said the newest word counts, whatever the order of arrival; that a tag is taken away is remembered, too. There are
MAX_TAGS words at most: the oldest is forgotten.
"""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

from streamproc.customer.features import Feature
from streamproc.customer.features.turning import Turn, since
from streamproc.customer.state import MAX_TAGS, Customer, TagWord
from streamproc.customer.view import CustomerView
from streamproc.events.times import DAY_MS

DAYS_TAGGED = "days_tagged:"
"""Stands before a tag's name: what the days for which it has been there are called. No feature has such a name."""

RULE = "rule"
"""The source of a tag that the configuration gives."""


class Tagging(NamedTuple):
    """How long a customer has had a tag: the number, and what time does to it."""

    days: Feature
    turn: Turn


def tagging(tag: str) -> Tagging:
    """How long somebody has had a tag, for conditions."""
    return Tagging(days_tagged(tag), since(lambda customer: customer.tags.get(tag), _in_days))


def days_tagged(tag: str) -> Feature:
    """The days that a customer has had a tag without a break, minus infinity if not now."""

    def days(view: CustomerView) -> float:
        since_ms = view.customer.tags.get(tag)
        return -inf if since_ms is None else _in_days(view.now_ms - since_ms)

    return days


def told_tags(customer: Customer) -> list[str]:
    """The tags that were given by the last word about them."""
    return [name for name, word in customer.tag_words.items() if word.given]


def source_of(customer: Customer, tag: str) -> str:
    """Who gives a tag that the customer has."""
    word = customer.tag_words.get(tag)
    return word.source if word is not None and word.given else RULE


def with_words(customer: Customer, told: Mapping[str, TagWord]) -> None:
    """Of each tag the newest word, and of one moment that it is taken away; the oldest words are forgotten.

    Whether the customer has the tags is found out afterwards (`decide/segments/tags.py`).
    """
    words = dict(customer.tag_words)
    for name, word in told.items():
        if name not in words or _rank(word) > _rank(words[name]):
            words[name] = word
    newest = sorted(words, key=lambda name: (*_rank(words[name]), name))[-MAX_TAGS:]
    customer.tag_words = {name: words[name] for name in newest}


def _rank(word: TagWord) -> tuple[int, bool, str]:
    """Which of two words about a tag counts: the greater."""
    return word.at_ms, not word.given, word.source


def _in_days(elapsed_ms: int) -> float:
    return elapsed_ms / DAY_MS
