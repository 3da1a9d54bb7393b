"""Messages: what the customer got, opened and clicked, whether that was a person, and what is refused by it."""

from collections.abc import Iterable
from typing import get_args

from streamproc.customer import responses
from streamproc.customer.difference import Difference
from streamproc.customer.folds.counting import count
from streamproc.customer.folds.registry import folds
from streamproc.customer.messages.happenings import Happening, bounded, difference, happenings
from streamproc.customer.messages.record import CHANNELS, Action, Message, message_digest, told_by
from streamproc.customer.messages.table import Messages, find, with_message
from streamproc.customer.reach import bounced, reached
from streamproc.customer.sendings import noted
from streamproc.customer.state import MAX_CONSENTS, Consent, Customer
from streamproc.customer.windows import Delta, delta
from streamproc.events.email import (
    Bounced,
    Channel,
    Clicked,
    Complained,
    Deferred,
    Delivered,
    Dropped,
    MessageEvent,
    Opened,
    Sent,
    Unsubscribed,
)
from streamproc.events.profile import EVERYTHING, MARKETING, PURPOSES

_COUNTED: dict[int, tuple[Delta, Delta]] = {
    Action.OPENED: (delta(opens=1, actions=1), delta(opens=-1, actions=-1)),
    Action.CLICKED: (delta(clicks=1, actions=1), delta(clicks=-1, actions=-1)),
}
"""What a person's action adds to the rolling counts, and what it takes away if it turns out to be a machine's."""

_REFUSES = frozenset((Action.COMPLAINED, Action.UNSUBSCRIBED))


@folds(Sent, Deferred, Dropped, Delivered, Bounced, Opened, Clicked, Complained, Unsubscribed)
def fold_message(customer: Customer, event: MessageEvent, at_ms: int) -> None:
    """Remember it with the message, judge all of the message again, and correct what had been judged otherwise."""
    after, changed = changes_of(customer.messages, event, at_ms)
    for each in changed.taken_back:
        count_happening(customer, each, times=-1)
    for each in changed.told:
        count_happening(customer, each, times=1)
    if event.message_id is not None:
        remember(customer, after)
    if event.message_id is None or isinstance(event, Complained):
        refuse_at_once(customer, changed.told)
    note_delivery(customer, event, at_ms)
    customer.sendings = noted(customer.sendings, event, after, at_ms)


def changes_of(messages: Messages, event: MessageEvent, at_ms: int) -> tuple[Message, Difference[Happening]]:
    """The record of the event's message after it, and what it changes; an event without a message stands alone."""
    digest = 0 if event.message_id is None else message_digest(event.message_id)
    before = None if event.message_id is None else find(messages, digest)
    after = (before or Message(digest)).with_told(told_by(event, at_ms))
    return after, difference(before, after)


def count_happening(customer: Customer, happening: Happening, *, times: int) -> None:
    """Add what a person did to the rolling counts, or (`times` -1) take it away again."""
    told = happening.told
    if happening.by_person and told.action in _COUNTED:
        more, less = _COUNTED[told.action]
        count(customer, told.at_ms, more if times > 0 else less)
        if happening.is_first_by_person:
            customer.responses = responses.counted(customer.responses, told.at_ms, told.channel, times)


def note_delivery(customer: Customer, event: MessageEvent, at_ms: int) -> None:
    """What it says about whether the channel reaches the customer."""
    if isinstance(event, Delivered):
        customer.reach = reached(customer.reach, event.channel, at_ms)
    if isinstance(event, Bounced) and event.kind in ("hard", "soft"):
        customer.reach = bounced(customer.reach, event.channel, at_ms, hard=event.kind == "hard")


def remember(customer: Customer, message: Message) -> None:
    """Put the message's record into the state, and let its unsubscriptions count as they are judged now.

    As long as an unsubscription is remembered with its message it can be judged otherwise. So the last word without
    any of these is kept beside; what is not remembered any more has become a word like others.
    """
    kept, dropped = bounded(message)
    customer.messages, gone = with_message(customer.messages, kept)
    final = [*dropped, *(each for other in gone for each in happenings(other))]
    told = [each for each in (*happenings(message), *final) if each.told.action == Action.UNSUBSCRIBED]
    for channel in {CHANNELS[each.told.channel] for each in told}:
        judge_refusals(customer, channel, final)


def judge_refusals(customer: Customer, channel: Channel, final: Iterable[Happening] = ()) -> None:
    """What counts of marketing on a channel: the last word, or an unsubscription by a person that is newer.

    `final` are happenings that will not be judged again.
    """
    key = consent_key(MARKETING, channel)
    word = later(customer.consents_else.get(key, customer.consents.get(key)), _refusal(final, channel))
    known = [each for message in customer.messages for each in happenings(message)]
    counting = later(word, _refusal(known, channel))
    if counting is None:
        customer.consents = {name: said for name, said in customer.consents.items() if name != key}
    else:
        customer.consents = {**customer.consents, key: counting}
    customer.consents_else = {name: said for name, said in customer.consents_else.items() if name != key}
    if any(_unsubscribes(each, channel) for each in known):
        customer.consents_else[key] = word


def _refusal(happened: Iterable[Happening], channel: Channel) -> Consent | None:
    """The newest unsubscription by a person."""
    times = [each.told.at_ms for each in happened if each.by_person and _unsubscribes(each, channel)]
    return Consent(granted=False, at_ms=max(times)) if times else None


def _unsubscribes(happening: Happening, channel: Channel) -> bool:
    return happening.told.action == Action.UNSUBSCRIBED and CHANNELS[happening.told.channel] == channel


def refuse_at_once(customer: Customer, told: Iterable[Happening]) -> None:
    """A complaint, or an unsubscription that names no message: nothing that comes later can change who did it."""
    for each in told:
        if each.by_person and each.told.action in _REFUSES:
            refused = Consent(granted=False, at_ms=each.told.at_ms)
            set_consent(customer, consent_key(MARKETING, CHANNELS[each.told.channel]), refused)


def consent_key(purpose: str, channel: str) -> str:
    """How a purpose on a channel is called in the state."""
    return f"{purpose}:{channel}"


_ALWAYS_KEPT = {consent_key(purpose, channel) for purpose in (*PURPOSES, EVERYTHING) for channel in get_args(Channel)}
"""What the policy asks about: no number of other purposes may crowd out a refusal of these."""


def set_consent(customer: Customer, key: str, consent: Consent) -> None:
    """The latest statement counts, whatever the order of arrival; at the same moment the refusal counts."""
    known = customer.consents.get(key)
    if known is None and len(customer.consents) >= MAX_CONSENTS and key not in _ALWAYS_KEPT:
        return
    customer.consents = {**customer.consents, key: later(known, consent) or consent}
    if key in customer.consents_else:
        customer.consents_else = {**customer.consents_else, key: later(customer.consents_else[key], consent)}


def later(one: Consent | None, other: Consent | None) -> Consent | None:
    """The later of two words; at the same moment the refusal."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda said: (said.at_ms, not said.granted))
