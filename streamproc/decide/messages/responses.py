"""What came of triggers: the messages that they became, and the orders after them.

An order belongs to the last trigger that went out within the window before it, also if that is taken back afterwards:
so an order that is edited is taken back where it was told. What turns out otherwise is taken back and told anew.
"""

from collections.abc import Iterator

from streamproc.customer.ledger.movements import Movement
from streamproc.customer.messages.happenings import Happening, happenings
from streamproc.customer.messages.record import CHANNELS, Action, message_digest
from streamproc.customer.messages.table import find
from streamproc.customer.sendings import Sending, sending_of
from streamproc.decide.moment import Moment
from streamproc.events.email import MessageEvent
from streamproc.events.facts import Fact, FactValue
from streamproc.events.purchase import PurchaseEvent


def responses(moment: Moment, window_ms: int) -> tuple[Fact, ...]:
    """What the entry says of the triggers that were sent; an order within the window (ms) after one is its."""
    match moment.entry.event:
        case MessageEvent():
            return tuple(_of_message(moment, moment.entry.event))
        case PurchaseEvent():
            return tuple(_of_order(moment, window_ms))
        case _:
            return ()


def _of_message(moment: Moment, event: MessageEvent) -> Iterator[Fact]:
    """What changes in what is known of the message; all of it if nobody knew before which trigger had become it."""
    digest = 0 if event.message_id is None else message_digest(event.message_id)
    sending = sending_of(moment.customer.sendings, event.trigger_id, digest)
    if sending is None:
        return
    if digest and (moment.before is None or sending_of(moment.before.sendings, None, digest) is None):
        message = find(moment.customer.messages, digest)
        for each in happenings(message) if message else moment.message_changes.told:
            yield _happened(sending, each, taken_back=False)
        return
    for each in moment.message_changes.taken_back:
        yield _happened(sending, each, taken_back=True)
    for each in moment.message_changes.told:
        yield _happened(sending, each, taken_back=False)


def _happened(sending: Sending, happening: Happening, *, taken_back: bool) -> Fact:
    told = happening.told
    values: dict[str, FactValue] = {
        "trigger": sending.trigger,
        "channel": CHANNELS[told.channel],
        "action": Action(told.action).name.lower(),
        "unique": happening.is_first,
        "human": happening.by_person,
    }
    return Fact("trigger_response", told.at_ms, values, taken_back=taken_back)


def _of_order(moment: Moment, window_ms: int) -> Iterator[Fact]:
    sendings, changed = moment.customer.sendings.records, moment.order_changes
    for movement, taken_back in (*((m, True) for m in changed.taken_back), *((m, False) for m in changed.told)):
        before = [each for each in sendings if each.at_ms < movement.at_ms < each.at_ms + window_ms]
        if before and movement.kind == "ordered":
            yield _ordered(before[-1], movement, taken_back=taken_back)


def _ordered(sending: Sending, movement: Movement, *, taken_back: bool) -> Fact:
    values: dict[str, FactValue] = {"trigger": sending.trigger, "net_amount": movement.micros or 0}
    return Fact("trigger_order", movement.at_ms, values, taken_back=taken_back)
