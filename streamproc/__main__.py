"""`streamproc` as a process. What runs until it is told to stop heeds that from its first moment on.

Against a stop that looks like a crash, or is not heard at all (the first process of a container has no default): all
that is imported and prepared takes seconds, and only then does a stage handle signals itself.
"""

import os
import signal
import sys
from collections.abc import Sequence

SERVICES = ("worker", "up")
"""The commands that run until they are told to stop."""

OPTIONS = ("--config", "--topics")
"""What may stand before the command, each with a value."""

STOPPED_AS_ASKED = 0


def main() -> None:
    """Run the command."""
    if command_in(sys.argv[1:]) in SERVICES:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(STOPPED_AS_ASKED))  # nothing was begun that would have to end
    from streamproc.cli import main as run_command  # noqa: PLC0415  this is what takes seconds

    run_command()


def command_in(words: Sequence[str]) -> str | None:
    """The command among the words of a command line.

    >>> command_in(["--config", "up", "--topics=t", "worker", "decide"]), command_in(["--help"])
    ('worker', None)
    """
    left = iter(words)
    for word in left:
        if word in OPTIONS:
            next(left, None)
        elif not word.startswith("-"):
            return word
    return None


if __name__ == "__main__":
    main()
