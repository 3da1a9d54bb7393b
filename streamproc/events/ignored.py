"""What a message says that is nothing of ours, and no fault either: counted, and neither an event nor a dead letter.

A shop's other systems tell of many things that no event is for, such as clicks on buttons or test orders. As dead
letters they would hide those that somebody has to look at.
"""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a part of a message is passed over: the closed list, and the label of the metric."""

    OTHER_EVENT = "other_event"
    TEST = "test"
    NOBODY = "nobody"
    NO_MONEY = "no_money"
    NO_NEWS = "no_news"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a message that is passed over."""

    why: Why


MEANINGS: dict[str, str] = {
    Why.OTHER_EVENT: "no event of ours is for what it tells",
    Why.TEST: "its sender says that it is a test",
    Why.NOBODY: "nobody is known whose it is, or not yet: then a later message says it",
    Why.NO_MONEY: "no money has moved",
    Why.NO_NEWS: "it only repeats what was told before, or says that nothing is known",
}
"""What each of them means, for people."""
