"""What a raw topic may carry: whoever may write to one topic must not speak for another system of the shop.

A page in any visitor's browser can put events on the clickstream topic. It may say what was looked at; it must not
order, consent or erase for anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from streamproc.events.raw import FAMILY_OF, Event
from streamproc.events.rejected import Reason, Rejected

Families = Mapping[str, frozenset[str]]
"""The families of events that each raw topic may carry, as `topics/*.toml` says."""


@dataclass(frozen=True, slots=True)
class RawTopic:
    """A raw topic, and the families of events (`events/raw.py`) that it may carry."""

    name: str
    families: frozenset[str]

    def refusal(self, event: Event) -> Rejected | None:
        """Why the event cannot be of this topic, or None: it can."""
        family = FAMILY_OF[type(event)]
        if family in self.families:
            return None
        return Rejected(Reason.WRONG_TOPIC, f"{self.name} carries no events of the family {family}")
