"""`streamproc` as a process: it heeds being told to stop from its first moment on, and to its last.

Against a stop that looks like a crash, or is not heard at all (the first process of a container has no default): all
that is imported and prepared takes seconds, and only then does a stage handle signals itself.
"""

import sys
from collections.abc import Sequence

from streamproc.stop_signals import end_at_once, hear_no_more, interrupt, told_to_stop

SERVICES = ("worker", "up")
"""The commands that run until they are told to stop; each hears for itself as soon as it has begun something."""

OPTIONS = ("--config", "--topics")
"""What may stand before the command, each with a value."""

STOPPED_AS_ASKED, INTERRUPTED = 0, 130


def main() -> None:
    """Run the command."""
    command = command_in(sys.argv[1:])
    end_at_once(STOPPED_AS_ASKED if command in SERVICES else INTERRUPTED)
    from streamproc.cli import main as run_command  # noqa: PLC0415  this is what takes seconds

    try:
        if command in SERVICES:
            run_command()
        else:
            with told_to_stop(interrupt):
                run_command()
    finally:
        hear_no_more()


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
