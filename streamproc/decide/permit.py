"""May it be sent, and how? The rules of the policy in their order; the first that refuses is the reason."""

from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.decide.rules import Channels, Refusal, Wish, in_order
from streamproc.decide.triggers import Candidate
from streamproc.events.email import Channel


def permit(policy: PolicySettings, moment: Moment, candidate: Candidate) -> Channel | Refusal:
    """The channel to send by: the first of the trigger that all rules leave; or why not to send."""
    wish = Wish(policy, moment, candidate)
    channels: Channels = candidate.rule.channels
    for ask in in_order():
        left = ask(wish, channels)
        if isinstance(left, Refusal):
            return left
        channels = left
    return channels[0]
