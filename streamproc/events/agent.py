"""Which program did it for somebody, as far as the producer knows: a browser, an app, or one that reads everything."""

from typing import Annotated

from pydantic import StringConstraints

from streamproc.events.base import RawEvent, Text

UserAgent = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]
"""How a program names itself, trimmed; 1 to 1,024 characters."""


class AgentEvent(RawEvent):
    """What a program did: which one and from which address, or at once that it was a machine, nobody's.

    collect judges by the first two, and leaves them out: nobody behind it needs to know so much of a person.
    """

    user_agent: UserAgent | None = None
    ip: Text | None = None
    is_machine: bool = False
