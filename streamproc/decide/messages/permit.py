"""May it be sent, and how? The rules of the policy in their order; the first that refuses is the reason.

Of the channels that all rules leave the first is used: in the order of the trigger's file, or of the customer's wishes.
"""

from collections.abc import Iterator

from streamproc.decide.best_contact import best_contact
from streamproc.decide.rules import Channels, Refusal, Wish, in_order
from streamproc.events.email import Channel

PREFERRED_CHANNEL = "preferred_channel"
"""The trait that says by which channel the customer wants to hear of the shop."""


def permit(wish: Wish) -> Channel | Refusal:
    """The channel to send by: the first of the trigger that all rules leave; or why not to send."""
    channels = by_preference(wish)
    for _, answer in asked(wish):
        if isinstance(answer, Refusal):
            return answer
        channels = answer
    return channels[0]


def asked(wish: Wish) -> Iterator[tuple[str, Channels | Refusal]]:
    """What each rule says, until one refuses: the channels that it leaves, or why not."""
    channels = by_preference(wish)
    for name, ask in in_order():
        answer = ask(wish, channels)
        yield name, answer
        if isinstance(answer, Refusal):
            return
        channels = answer


def by_preference(wish: Wish) -> Channels:
    """The trigger's channels as they are to be tried: what the customer wishes, answers on, and the file says."""
    rule, customer = wish.candidate.rule, wish.moment.customer
    if rule.channel_by == "trigger" or len(rule.channels) == 1:
        return rule.channels
    first = [customer.traits.get(PREFERRED_CHANNEL), best_contact(wish.moment, wish.policy.contact)["best_channel"]]
    liked = [each for name in dict.fromkeys(first) for each in rule.channels if each == name]
    return (*liked, *(each for each in rule.channels if each not in liked))
