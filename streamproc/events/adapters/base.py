"""What an adapter is: it makes events of a message in somebody's format."""

from collections.abc import Callable, Sequence
from typing import Protocol

from streamproc.events.ignored import Ignored
from streamproc.events.raw import Event
from streamproc.events.rejected import Rejected
from streamproc.events.source import SourceProgressed
from streamproc.events.tolerance import Mended
from streamproc.kinds import Kinds

Adapted = Event | Mended | SourceProgressed | Ignored | Rejected
"""One thing that a message says, or why it is passed over or cannot be understood."""

Headers = Sequence[tuple[str, bytes | None]]


class Adapter(Protocol):
    """Reads messages of one format.

    Whoever may write to a topic can write anything to it, and an adapter has the first look. So it
    * never raises: what it cannot read is `Rejected`, and says nothing of the message's own content;
    * gives `Ignored` for what is no event of ours, and no fault either;
    * is a function of the message alone: read again, after a crash or in a replay, it gives the same in the same order;
    * gives each event an `event_id` of its own, which is the same when a sender delivers the message again: what comes
      twice is known by it, also when only a part of the message's events was taken;
    * gives no event that is larger than `native.MAX_EVENT_BYTES`, and of one message no more than its bytes can say;
    * gives nothing of a message that says nothing about anybody, such as a sender's own test.
    """

    def __call__(self, value: bytes | None, headers: Headers, families: frozenset[str]) -> Sequence[Adapted]:
        """What a record's value and headers say; `families` are those that its topic may carry (`events/raw.py`)."""
        ...


ADAPTERS: Kinds[Adapter] = Kinds("adapter")
"""Every adapter by its name."""

NATIVE = "native"
"""The adapter of our own format."""

ADAPTER_HEADER = "streamproc-adapter"
"""The header by which a record names its adapter, if that is not its topic's."""


_SIGNS: list[tuple[str, frozenset[str]]] = []
"""Of each adapter the keys that stand together in a message of its format, and in no other."""


def adapter(name: str, *signs: str) -> Callable[[Adapter], Adapter]:
    """Make a function known as the adapter of that name; `signs` are keys, with blanks between, that tell it."""

    def register(function: Adapter) -> Adapter:
        ADAPTERS.add(name, function)
        _SIGNS.extend((name, frozenset(sign.split())) for sign in signs)
        return function

    return register


def adapter_for(said: object) -> str | None:
    """The adapter that may read what a message says as JSON, by the keys of the object, or of a list's first."""
    one = said[0] if isinstance(said, list) and said else said
    if not isinstance(one, dict):
        return None
    fitting = [(len(sign), name) for name, sign in _SIGNS if sign <= one.keys()]
    return max(fitting)[1] if fitting else None


def adapter_header(name: str) -> tuple[str, bytes]:
    """The header of a record that is of another format than its topic's others."""
    return ADAPTER_HEADER, name.encode()
