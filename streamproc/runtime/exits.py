"""Why a worker ends, as exit codes that a supervisor and a person can act upon.

Against the fault that an error is logged and skipped: whatever may not be skipped ends the process before anything of
it is committed, with one line that says what happened, where, and what to do.
"""

import os
import sys
from enum import IntEnum
from typing import NoReturn, Self

FIRST_THAT_NEEDS_SOMEBODY = 80


class Exit(IntEnum):
    """An exit code of a worker: from 80 on, starting again does not help before somebody did something.

    Attributes:
        meaning: what happened, in one line.
        remedy: what to do about it.
    """

    meaning: str
    remedy: str

    def __new__(cls, value: int, meaning: str, remedy: str) -> Self:  # noqa: D102
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.remedy = remedy
        return member

    @property
    def mends_itself(self) -> bool:
        """Whether starting again is enough."""
        return self < FIRST_THAT_NEEDS_SOMEBODY

    DONE = 0, "stopped as asked", "nothing to do"
    CRASHED = 1, "an unexpected error in the worker", "it is started again; report it if it comes back"
    RECORDS = 70, "records could not be processed", "mend the stage or the record's producer, then start again"
    COMMIT = 71, "a transaction failed, or another worker took the partition over", "it is started again"
    PAUSED = 72, "the process stood still for too long to be sure of its partitions", "it is started again"
    GAP = 73, "records were handed over out of order", "it is started again; report it"
    TAKE_OVER = 74, "a partition could not be taken over", "it is started again"
    KAFKA_AWAY = 75, "Kafka cannot be reached", "check the address, the network and the broker"
    STORE = 76, "the local store failed", "it is started again and rebuilds its copy; check the disk"
    FOREIGN_COMMIT = 77, "Faust tried to commit offsets by itself", "report it: the pinned Faust is not the one in use"
    COMPANION = 78, "the stage's companion task failed", "it is started again"
    TOPICS = 80, "topics are missing or have wrong partition counts", "run `streamproc topics apply`"
    RECREATED = 81, "a topic was deleted and made anew", "begin anew: delete the stage's changelog and start again"
    OFFSETS = 82, "the committed offset is not in the log any more", "records are lost; move the group's offset by hand"
    RESET = 83, "state and committed offset do not belong together", "put the offset back, or delete the changelog"
    CHANGELOG = 84, "the changelog is shorter than it was", "restore the changelog, or delete the local copy"


def fatal(code: Exit, where: str, what: str, remedy: str | None = None) -> NoReturn:
    """End the process at once: nothing may be sent or committed any more; what is open, the next owner aborts."""
    say(code, where, what, remedy)
    os._exit(code)


def say(code: Exit, where: str, what: str, remedy: str | None = None) -> None:
    """Print the one line that goes with an exit code."""
    line = " ".join(f"streamproc: {where}: {code.meaning}: {what}".split())
    sys.stdout.flush()
    sys.stderr.write(f"{line} -> {remedy or code.remedy} [exit {int(code)}]\n")
    sys.stderr.flush()


def describe_error(error: BaseException) -> str:
    """An exception and the place where it was raised, in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__}: {str(error)[:300]}{place}"
