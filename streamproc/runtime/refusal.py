"""Why a worker may not go on, as a value or an exception: whoever gets it ends the process with its exit code."""

from dataclasses import dataclass

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from streamproc.events.versions import NewerVersionError
from streamproc.models.snapshot_error import SnapshotError
from streamproc.runtime.exits import Exit
from streamproc.stages.processor import AppliedTwiceError
from streamproc.stages.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Refusal:
    """The exit code, what was found, and what to do if the code's own remedy is not it."""

    code: Exit
    what: str
    remedy: str | None = None


class RefusedError(Exception):
    """Raised where going on would be wrong, by code that does not end processes itself."""

    code = Exit.CRASHED


class RecordTooLargeError(RefusedError):
    """A record is larger than its topic takes: sent again and again, it would be refused each time."""

    code = Exit.RECORD_SIZE


class UnreadableRecordError(RefusedError):
    """Something in a topic of ours cannot be read, where it may not be passed over."""

    code = Exit.RECORDS

    def __init__(self, found: Unreadable) -> None:
        super().__init__(f"{found.topic}-{found.partition} {found.place}: cannot be read: {found.reason}")


class ChangelogCutError(RefusedError):
    """A changelog ends before what a local copy has of it: Kafka lost what it had acknowledged."""

    code = Exit.CHANGELOG


class DiskFullError(RefusedError):
    """There is not enough space for the local stores."""

    code = Exit.DISK


def exit_for(error: BaseException, otherwise: Exit) -> Exit:
    """The exit code of an error: its own if it has one, else that of the place where it was caught."""
    match error:
        case RefusedError():
            return error.code
        case NewerVersionError():
            return Exit.NEWER_STATE
        case SnapshotError():
            return Exit.FOREIGN_STATE
        case AppliedTwiceError():
            return Exit.APPLIED_TWICE
        case (
            TopicAuthorizationFailedError()
            | GroupAuthorizationFailedError()
            | TransactionalIdAuthorizationFailed()
            | ClusterAuthorizationFailedError()
        ):
            return Exit.NOT_AUTHORISED
        case _:
            return otherwise
