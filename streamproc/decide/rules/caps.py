"""Not too much: what was sent to the customer, by whomever, is as much as a cap allows."""

from collections.abc import Iterator
from typing import NamedTuple

from streamproc.customer.messages.record import CHANNELS, Action
from streamproc.customer.sendings import SENDING_PURPOSES
from streamproc.customer.state import Customer
from streamproc.decide.limits import Cap
from streamproc.decide.rules.base import Channels, Refusal, Wish, rule
from streamproc.events.email import Channel
from streamproc.events.profile import MARKETING

CAPS = "caps"


class _Sent(NamedTuple):
    """Something that counts: when (epoch ms), the places of its channel and purpose."""

    at_ms: int
    channel: int
    purpose: int


@rule(CAPS)
def caps(wish: Wish, channels: Channels) -> Channels | Refusal:
    """Leave the channels on which no cap is reached."""
    if wish.is_transactional or not wish.policy.cap:
        return channels
    refused = {each: _reached(wish, each) for each in channels}
    left = tuple(each for each in channels if refused[each] is None)
    return left or _soonest([each for each in refused.values() if each is not None])


def _reached(wish: Wish, channel: Channel) -> Refusal | None:
    """The refusal of the cap that frees the channel last, if any is reached."""
    found = [
        refusal
        for cap in wish.policy.cap
        if cap.channel in (None, channel)
        if (refusal := _refusal(wish, cap, channel)) is not None
    ]
    return max(found, key=_frees_at) if found else None


def _refusal(wish: Wish, cap: Cap, channel: Channel) -> Refusal | None:
    after, before = cap.window(wish.moment.now_ms, wish.zone)
    times = [
        each.at_ms
        for each in _all_sent(wish.moment.customer)
        if after < each.at_ms < before
        and (cap.channel is None or CHANNELS[each.channel] == channel)
        and (cap.purpose == "all" or SENDING_PURPOSES[each.purpose] == cap.purpose)
    ]
    if len(times) < cap.limit:
        return None
    until = cap.frees_at(times, wish.moment.now_ms, wish.zone)
    waits = wish.candidate.rule.defer and until is not None
    return Refusal(CAPS, "capped", channel, until, waits=waits, detail=cap.name)


def _all_sent(customer: Customer) -> Iterator[_Sent]:
    """Triggers, as long as nobody says that they were not sent, and the messages that others sent."""
    sendings = customer.sendings.records
    yield from (_Sent(each.left_ms, each.channel, each.purpose) for each in sendings if each.counts)
    ours = {each.message for each in sendings}
    for message in customer.messages:
        told = [each for each in message.told if each.action in (Action.SENT, Action.DELIVERED)]
        if told and message.digest not in ours:
            first = min(told)
            yield _Sent(first.at_ms, first.channel, SENDING_PURPOSES.index(MARKETING))


def _frees_at(refusal: Refusal) -> float:
    return float("inf") if refusal.until_ms is None else refusal.until_ms


def _soonest(refused: list[Refusal]) -> Refusal:
    return min(refused, key=_frees_at)
