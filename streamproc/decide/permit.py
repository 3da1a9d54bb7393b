"""May it be sent, and how? The rules of the policy in their order; the first that refuses is the reason."""

from collections.abc import Iterator

from streamproc.decide.rules import Channels, Refusal, Wish, in_order
from streamproc.events.email import Channel


def permit(wish: Wish) -> Channel | Refusal:
    """The channel to send by: the first of the trigger that all rules leave; or why not to send."""
    channels: Channels = wish.candidate.rule.channels
    for _, answer in asked(wish):
        if isinstance(answer, Refusal):
            return answer
        channels = answer
    return channels[0]


def asked(wish: Wish) -> Iterator[tuple[str, Channels | Refusal]]:
    """What each rule says, until one refuses: the channels that it leaves, or why not."""
    channels: Channels = wish.candidate.rule.channels
    for name, ask in in_order():
        answer = ask(wish, channels)
        yield name, answer
        if isinstance(answer, Refusal):
            return
        channels = answer
