"""What a rule of the policy is, and how it makes itself known."""

from collections.abc import Callable
from dataclasses import dataclass

from streamproc.decide.moment import Moment
from streamproc.decide.policy import PolicySettings
from streamproc.decide.triggers import Candidate
from streamproc.events.email import Channel
from streamproc.kinds import Kinds

Channels = tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a trigger wants to send now, and the policy that it is under."""

    policy: PolicySettings
    moment: Moment
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not.

    Attributes:
        rule: which rule says so, and its `reason`.
        channel: the channel that it would have been.
        until_ms: until when (epoch ms), if time ends it.
        since_ms: what it is because of happened then (epoch ms), if anything did.
    """

    rule: str
    reason: str
    channel: Channel | None = None
    until_ms: int | None = None
    since_ms: int | None = None


Rule = Callable[[Wish, Channels], Channels | Refusal]
"""What a rule leaves of the channels that the rules before it have left, of which there is one at least."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A rule, and when it is asked: those with a lower rank are asked first."""

    rank: int
    ask: Rule


RULES: Kinds[Ranked] = Kinds("rule of the policy")
"""Every rule by its name."""


def rule(name: str, *, rank: int) -> Callable[[Rule], Rule]:
    """Make a function known as a rule.

    Raises:
        ValueError: there is one of that name or rank.
    """

    def register(function: Rule) -> Rule:
        for other, known in RULES.items():
            if known.rank == rank:
                raise ValueError(f"the rules {other} and {name} have the same rank: which is asked first?")
        RULES.add(name, Ranked(rank, function))
        return function

    return register


def in_order() -> tuple[Rule, ...]:
    """The rules as they are asked."""
    return tuple(known.ask for known in sorted(RULES.values(), key=lambda known: known.rank))
