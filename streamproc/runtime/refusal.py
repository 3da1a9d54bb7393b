"""Why a worker may not go on, as a value: whoever asked ends the process with it."""

from dataclasses import dataclass

from streamproc.runtime.exits import Exit


@dataclass(frozen=True, slots=True)
class Refusal:
    """The exit code, and what was found."""

    code: Exit
    what: str
