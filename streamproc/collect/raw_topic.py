"""What a raw topic may carry, and how it is read.

Whoever may write to one topic must not speak for another system of the shop. A page in any visitor's browser can put
events on the clickstream topic. It may say what was looked at; it must not order, consent or erase for anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamproc.did_you_mean import suggest
from streamproc.events.adapters import ADAPTER_HEADER, ADAPTERS, NATIVE, Adapted, Headers
from streamproc.events.envelopes import unwrapped
from streamproc.events.profile import EVERYTHING, PURPOSES, ConsentChanged
from streamproc.events.raw import FAMILY_OF, Event
from streamproc.events.rejected import Reason, Rejected

_MOST = 64
"""So many bytes of a header are looked at; no adapter has a longer name."""


@dataclass(frozen=True, slots=True)
class RawTopic:
    """A raw topic, what it may carry, and the adapter of its messages.

    `families` are the families of events (`events/raw.py`), `purposes` those that a consent may be for. A consent for
    another one would be stored and mean nothing: a refusal without effect.
    """

    name: str
    families: frozenset[str]
    adapter: str = NATIVE
    purposes: frozenset[str] = PURPOSES

    def read(self, value: bytes | None, headers: Headers) -> Sequence[Adapted]:
        """What a message says, in its order; read by the adapter that its header names, else by the topic's.

        What others' serializers and connectors put around it is taken off before.
        """
        name = self.adapter
        for header, named in headers:
            if header == ADAPTER_HEADER:
                name = (named or b"")[:_MOST].decode(errors="replace")
                break
        adapter = ADAPTERS.get(name)
        if adapter is None:
            return (Rejected(Reason.UNKNOWN_ADAPTER, suggest(name, sorted(ADAPTERS))),)
        return adapter(unwrapped(value), headers, self.families)

    def refusal(self, event: Event) -> Rejected | None:
        """Why the event cannot be of this topic, or None: it can."""
        family = FAMILY_OF[type(event)]
        if family not in self.families:
            return Rejected(Reason.WRONG_TOPIC, f"{self.name} carries no events of the family {family}", event.type)
        if type(event) is ConsentChanged and event.purpose != EVERYTHING and event.purpose not in self.purposes:
            known = ", ".join(sorted(self.purposes))
            detail = f"purpose: none of {known}, {EVERYTHING} (`purposes` in policy.toml)"
            return Rejected(Reason.WRONG_VALUE, detail, event.type, "purpose")
        return None


RawTopics = Mapping[str, RawTopic]
"""Raw topics by their names, as `topics/*.toml` says."""
