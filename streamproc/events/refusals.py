"""What nobody may miss: that somebody wants no more messages, or wants to be forgotten."""

from streamproc.events.email import Complained, Unsubscribed
from streamproc.events.profile import ConsentChanged, ErasureRequested


def is_refusal(event: object) -> bool:
    """Whether somebody wants no more messages, or wants to be forgotten."""
    if isinstance(event, ConsentChanged):
        return not event.granted
    return isinstance(event, ErasureRequested | Unsubscribed | Complained)
