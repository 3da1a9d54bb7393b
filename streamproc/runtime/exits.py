"""Why a worker ends, as exit codes that a supervisor and a person can act upon.

Against the fault that an error is logged and skipped: whatever may not be skipped ends the process before anything of
it is committed, with one line that says what happened, where, and what to do.
"""

import logging
import os
import sys
import threading
from enum import IntEnum
from math import inf
from typing import NoReturn, Self

from pydantic import ValidationError

from streamproc.runtime.deadlines import LAST_WORDS_SECONDS

log = logging.getLogger(__name__)

FIRST_THAT_NEEDS_SOMEBODY = 80
GIVE_UP_AFTER, ATTEMPTS, PATIENT_ATTEMPTS = 3, 10, 100
"""How often in a row a code is taken that needs somebody at this worker, any other, and one that the outside mends."""


class Exit(IntEnum):
    """An exit code of a worker: from 80 on, starting again does not help before somebody did something.

    Attributes:
        meaning: what happened, in one line.
        remedy: what to do about it; STAGE and TOPIC stand for those concerned, see `remedy_for`.
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
        return self < FIRST_THAT_NEEDS_SOMEBODY and self is not Exit.CONFIGURATION

    @property
    def attempts(self) -> float:
        """After how many ends in a row with this code a supervisor gives up.

        What needs somebody is tried again, in case somebody is at it. What Kafka or the machine is to blame for may
        take a night: being away for ever, the rest for about an hour.
        """
        if self is Exit.KAFKA_AWAY:
            return inf
        if self in _MENDED_ELSEWHERE:
            return PATIENT_ATTEMPTS
        return ATTEMPTS if self.mends_itself else GIVE_UP_AFTER

    def remedy_for(self, stage: str, topic: str) -> str:
        """The remedy with the very command to be typed; the topic without prefix."""
        return self.remedy.replace("STAGE", stage).replace("TOPIC", topic)

    DONE = 0, "stopped as asked", "nothing to do"
    CRASHED = 1, "an unexpected error in the worker", "it is started again; report it if it comes back"
    CONFIGURATION = (
        2,
        "the configuration or the command line is wrong",
        "`streamproc check` names each mistake",
    )
    RECORDS = 70, "records could not be processed", "mend the stage or the record's producer, then start again"
    COMMIT = 71, "a transaction failed, or another worker took the partition over", "it is started again"
    PAUSED = 72, "the process stood still for too long to be sure of its partitions", "it is started again"
    GAP = 73, "records were handed over out of order", "it is started again; report it"
    TAKE_OVER = 74, "a partition could not be taken over", "it is started again"
    KAFKA_AWAY = 75, "Kafka cannot be reached", "check the address, the network and the broker"
    STORE = (
        76,
        "the local store failed",
        "it is started again, a corrupt copy is rebuilt; check the disk, or `streamproc repair drop-copy STAGE`",
    )
    FOREIGN_COMMIT = 77, "Faust tried to commit offsets by itself", "report it: the pinned Faust is not the one in use"
    COMPANION = 78, "the stage's companion task failed", "it is started again"
    TOPICS = 80, "topics are missing or have wrong partition counts", "run `streamproc topics apply`"
    RECREATED = 81, "a topic was deleted and made anew", "accept it: `streamproc repair accept-topic STAGE TOPIC`"
    OFFSETS = (
        82,
        "the committed offset is not in the log any more",
        "records are lost; go on where the log begins: `streamproc repair move STAGE TOPIC --to earliest`",
    )
    RESET = (
        83,
        "states do not hold everything before the committed offset",
        "put the offset back: `streamproc repair move STAGE TOPIC --to state` (to begin anew: drop-state)",
    )
    CHANGELOG = (
        84,
        "the changelog is shorter than it was",
        "restore the changelog, or build on what is left of it: `streamproc repair drop-copy STAGE`",
    )
    APPLIED_TWICE = (
        85,
        "an event was about to be applied a second time",
        "find out who put offsets or the log back; to begin anew: `streamproc repair drop-state STAGE TOPIC`",
    )
    NEWER_STATE = (
        86,
        "a newer release wrote the states",
        "start that release; a roll-back goes one version at most (docs/operations.md)",
    )
    RECORD_SIZE = (
        87,
        "a record is larger than its topic takes",
        "raise max.message.bytes of the topic, then start again",
    )
    DISK = 88, "the disk is almost full", "free space, or move runtime.data_dir; its content may be deleted"
    LIBRARY = 89, "a library has another version than the measured one", "install what requirements.txt pins"
    NOT_AUTHENTICATED = (
        90,
        "not authenticated: this process and Kafka do not accept each other",
        "mend it in [kafka] of app.toml (`streamproc check` reads the files), or at the broker",
    )
    NOT_AUTHORISED = (
        91,
        "not authorised: Kafka refuses a right",
        "grant it; `streamproc topics acls` lists what each stage needs",
    )
    FOREIGN_STATE = (
        92,
        "states that this signing key has not signed, or that are damaged",
        "give the stage the key that wrote them; to begin anew: `streamproc repair drop-state STAGE TOPIC`",
    )


_MENDED_ELSEWHERE = {
    Exit.COMMIT,
    Exit.PAUSED,
    Exit.TAKE_OVER,
    Exit.RECORD_SIZE,
    Exit.DISK,
    Exit.NOT_AUTHENTICATED,
    Exit.NOT_AUTHORISED,
}
"""A rotated password, a new right or space on a disk takes somebody a while, who does not look at this worker."""


def attempts_after(code: int) -> float:
    """As `Exit.attempts`, for any code: a signal's too (negative), such as that of a kernel out of memory."""
    return next((member.attempts for member in Exit if member == code), ATTEMPTS)


def fatal(code: Exit, where: str, what: str, remedy: str | None = None) -> NoReturn:
    """End the process at once: nothing may be sent or committed any more; what is open, the next owner aborts."""
    saying = threading.Thread(target=say, args=(code, where, what, remedy), daemon=True)
    saying.start()
    saying.join(LAST_WORDS_SECONDS)
    os._exit(code)


def end_at_the_latest(seconds: float, where: str, code: Exit = Exit.DONE) -> None:
    """End a stopping process in time although Kafka is away; what it has not committed, the next owner reads again."""

    def leave() -> None:
        log.warning("%s: stopped without leaving the group: Kafka did not answer for %.0f s", where, seconds)
        os._exit(code)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def say(code: Exit, where: str, what: str, remedy: str | None = None) -> None:
    """Say the one line that goes with an exit code."""
    line = " ".join(f"streamproc: {where}: {code.meaning}: {what}".split())
    log.critical("%s -> %s [exit %d]", line, remedy or code.remedy, code, extra={"exit_code": int(code)})
    sys.stdout.flush()
    sys.stderr.flush()


def describe_error(error: BaseException) -> str:
    """An exception and the place where it was raised, in one line; never the input, which tells of customers."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__}: {_message(error)[:300]}{place}"


def _message(error: BaseException) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
