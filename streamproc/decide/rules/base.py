"""What a rule of the policy is, and how it makes itself known."""

from collections.abc import Callable
from dataclasses import dataclass

from streamproc.customer.local_time import zone_of
from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.decide.triggers import Candidate
from streamproc.events.email import Channel
from streamproc.events.profile import TRANSACTIONAL
from streamproc.kinds import Kinds

Channels = tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a trigger wants to send now, and the policy that it is under.

    Attributes:
        policy: the policy's settings.
        moment: who it is for, and when.
        candidate: what is to be sent.
        is_beaten: something else has been sent at this moment that it competed with.
    """

    policy: PolicySettings
    moment: Moment
    candidate: Candidate
    is_beaten: bool = False

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a deal: then only a refusal of the customer's binds it."""
        return self.candidate.rule.cap_class == TRANSACTIONAL

    @property
    def zone(self) -> str:
        """The customer's time zone."""
        return zone_of(self.moment.customer, self.moment.customer.zone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not.

    Attributes:
        rule: which rule says so, and its `reason`.
        channel: the channel that it would have been.
        until_ms: until when (epoch ms), if time ends it.
        since_ms: what it is because of happened then (epoch ms), if anything did.
        waits: it is put off, and decided again at `until_ms`.
        is_over: the occasion is used up: what stays armed otherwise does not.
        detail: which of several settings says so: a cap, a campaign.
    """

    rule: str
    reason: str
    channel: Channel | None = None
    until_ms: int | None = None
    since_ms: int | None = None
    waits: bool = False
    is_over: bool = False
    detail: str | None = None


Rule = Callable[[Wish, Channels], Channels | Refusal]
"""What a rule leaves of the channels that the rules before it have left, of which there is one at least."""


RULES: Kinds[Rule] = Kinds("rule of the policy")
"""Every rule by its name."""


def rule(name: str) -> Callable[[Rule], Rule]:
    """Make a function known as a rule.

    Raises:
        ValueError: there is one of that name.
    """

    def register(function: Rule) -> Rule:
        RULES.add(name, function)
        return function

    return register
