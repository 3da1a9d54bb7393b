"""How a command ends that could not do what it was asked for."""

import click

FAILED = 2
UNEXPECTED = 79
INTERRUPTED = 130
"""As a shell says it of whatever Ctrl-C ended."""


class CommandFailedError(click.ClickException):
    """Nothing came of it, and the message says why; 1 is left to those commands that answer "different" by it."""

    exit_code = FAILED
