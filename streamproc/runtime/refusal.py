"""Why a worker may not go on, as a value or an exception: whoever gets it ends the process with its exit code."""

from dataclasses import dataclass

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    InconsistentGroupProtocolError,
    KafkaConnectionError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    NotCoordinatorForGroupError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from streamproc.events.versions import NewerVersionError
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.api import AppliedTwiceError
from streamproc.processor.unreadable import Unreadable
from streamproc.runtime.exits import Exit, describe_error


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


def ending_of(error: BaseException, group: str) -> Refusal:
    """Why a worker ends whose error nobody caught nearer to it, as at its start: it joins a group, or a broker dies."""
    match error:
        case InconsistentGroupProtocolError():
            return Refusal(
                Exit.CONFIGURATION,
                f"the consumer group {group} has a member that is no worker of this stage: it deals in another way",
                "stop it (Kafka's `kafka-consumer-groups.sh --members` names it), or choose another [kafka] prefix",
            )
        case (
            KafkaConnectionError()
            | NodeNotReadyError()
            | KafkaTimeoutError()
            | RequestTimedOutError()
            | GroupCoordinatorNotAvailableError()
            | NotCoordinatorForGroupError()
            | LeaderNotAvailableError()
            | ConnectionError()
        ):
            return Refusal(Exit.KAFKA_AWAY, describe_error(error))
        case _:
            return Refusal(exit_for(error, Exit.CRASHED), repr(error))
