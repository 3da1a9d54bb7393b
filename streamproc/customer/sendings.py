"""The triggers that were sent to a customer, and what came of them.

A trigger is here from the moment it goes out. What its sender tells of it (`sent`, `dropped`, `opened` …) is noted with
it, whether the event names the trigger or only the message that it became, in any order. Messages that others send
stand beside (`customer/messages/`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from streamproc.customer.messages.record import Action, Message, told_by
from streamproc.customer.section import Rows, Section
from streamproc.events.email import MessageEvent
from streamproc.events.identifiers import digest_of
from streamproc.events.profile import MARKETING, TRANSACTIONAL

SENDING_PURPOSES = (MARKETING, TRANSACTIONAL)

MAX_SENDINGS = 16
"""So many are remembered of each channel and purpose, the newest; no cap is about more."""

RETRACTED = 1 << 15
"""What of a sending's `came` says that it was retracted; the other bits are the places of `Action`s."""

_WENT_OUT = 1 << Action.SENT | 1 << Action.DELIVERED
_TELLS_OF_SENDING = (Action.SENT, Action.DELIVERED)


class Sending(NamedTuple):
    """One trigger that was sent.

    Attributes:
        trigger_id: its id.
        at_ms: when it went out (epoch ms).
        trigger: the rule's name.
        channel: its place in `CHANNELS`.
        purpose: its place in `SENDING_PURPOSES`.
        key: a digest of what the trigger is about (`key_of`): a cart, a product, a log position.
        campaign: a digest of the campaign that it is part of (`key_of`), 0: of none.
        expires_ms: until when it may still be retracted.
        since_ms: when its occasion was: earlier than `at_ms` if the policy had put it off.
        message: a digest of the message that it became, 0: not told.
        came: bits of what was told of it, and `RETRACTED`.
        sent_ms: when its sender says that it left, 0: not told.
    """

    trigger_id: str
    at_ms: int
    trigger: str
    channel: int = 0
    purpose: int = 0
    key: int = 0
    campaign: int = 0
    expires_ms: int = 0
    since_ms: int = 0
    message: int = 0
    came: int = 0
    sent_ms: int = 0

    @property
    def counts(self) -> bool:
        """Whether it was sent, as far as is known: neither retracted nor dropped before it left."""
        if self.came & _WENT_OUT:
            return True
        return not self.came & (RETRACTED | 1 << Action.DROPPED)

    @property
    def left_ms(self) -> int:
        """When it left: as its sender says, else when it was to be sent."""
        return self.sent_ms or self.at_ms

    def told(self, action: int, at_ms: int) -> "Sending":
        """With something more that came of it."""
        sent_ms = self.sent_ms
        if action in _TELLS_OF_SENDING:
            sent_ms = min(sent_ms or at_ms, at_ms)
        return self._replace(came=self.came | 1 << action, sent_ms=sent_ms)


AT_MS = Sending._fields.index("at_ms")
"""Its place in a row; the newest row is the last."""


class Sendings(Section[Sending]):
    """Sendings in the order of their times."""

    __slots__ = ()

    @staticmethod
    def _rows_of(records: tuple[Sending, ...]) -> Rows:
        """What is not known of a row is left out at its end."""
        return [_trimmed(each) for each in records]

    @staticmethod
    def _records_of(rows: Rows) -> tuple[Sending, ...]:
        return tuple([Sending(*row) for row in rows])


NO_SENDINGS = Sendings()


def _trimmed(sending: Sending) -> tuple[Any, ...]:
    row = tuple(sending)
    while row and row[-1] == 0:
        row = row[:-1]
    return row


def key_of(correlation: str) -> int:
    """What a correlation, or a campaign, is found by; 0 for none."""
    return digest_of(correlation.encode()) if correlation else 0


def with_sending(sendings: Sendings, sending: Sending) -> Sendings:
    """With one more; of its channel and purpose the oldest gives way."""
    return Sendings.of(_bounded((*sendings, sending)))


def replaced(sendings: Sendings, old: Sending, new: Sending) -> Sendings:
    """With one put in another's place."""
    return Sendings.of(_bounded([new if each is old else each for each in sendings]))


def sending_of(sendings: Sendings, trigger_id: str | None, message: int) -> Sending | None:
    """The sending that an event of a message is about: by the trigger that it names, else by its message's digest."""
    if not sendings.rows:
        return None
    of_trigger = (each for each in sendings.records if trigger_id is not None and each.trigger_id == trigger_id)
    of_message = (each for each in sendings.records if message and each.message == message)
    return next(of_trigger, None) or next(of_message, None)


def noted(sendings: Sendings, event: MessageEvent, message: Message, at_ms: int) -> Sendings:
    """With what an event tells of a message, and what had been told of it before it was known to be a trigger's."""
    digest = message.digest
    known = sending_of(sendings, event.trigger_id, digest)
    if known is None:
        return sendings
    after = known.told(told_by(event, at_ms).action, at_ms)
    for each in message.told if digest else ():
        after = after.told(each.action, each.at_ms)
    if digest and not after.message:
        after = after._replace(message=digest)
    return sendings if after == known else replaced(sendings, known, after)


def united(one: Sendings, two: Sendings) -> Sendings:
    """What was sent to either of two who turn out to be one."""
    found: dict[str, Sending] = {}
    for each in (*one, *two):
        known = found.get(each.trigger_id, each)
        sent_ms = min((moment for moment in (known.sent_ms, each.sent_ms) if moment), default=0)
        message = known.message or each.message
        found[each.trigger_id] = known._replace(came=known.came | each.came, sent_ms=sent_ms, message=message)
    return Sendings.of(_bounded(found.values()))


def _bounded(sendings: Iterable[Sending]) -> Sequence[Sending]:
    newest = sorted(sendings, key=lambda each: (each.at_ms, each), reverse=True)
    seen: Counter[tuple[int, int]] = Counter()
    kept = []
    for each in newest:
        seen[each.channel, each.purpose] += 1
        if seen[each.channel, each.purpose] <= MAX_SENDINGS:
            kept.append(each)
    return kept[::-1]
