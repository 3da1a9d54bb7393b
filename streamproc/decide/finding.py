"""One thing that has a say in whether a message goes out, as it is told to whoever asks why."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One thing that has a say.

    Attributes:
        about: which part of the way it belongs to.
        what: what was asked: a condition, a rule of the policy.
        answer: what it says, in words.
        holds: whether it lets the message go on; None: it has no say, but should be known.
    """

    about: Literal["occasion", "condition", "journey", "next", "policy", "history", "models"]
    what: str
    answer: str
    holds: bool | None = None
