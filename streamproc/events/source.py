"""Punctuation: what a source says about its own completeness, in the raw topics themselves."""

from typing import Literal, final

from pydantic import AwareDatetime

from streamproc.events.base import Contract


@final
class SourceProgressed(Contract):
    """Everything up to `through` has been written to this raw partition; nothing older follows.

    `streamproc send` writes it while it sends historical data, and at the end: with `watermark.idle = "hold"`
    only events and this record move time.
    """

    type: Literal["source_progressed"] = "source_progressed"
    through: AwareDatetime
