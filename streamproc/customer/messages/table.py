"""The records of a customer's last messages, bounded, the one of which something was told last at the end.

Few events are of a message, each of one. So the records stay in the rows in which they are encoded, and one is read
when somebody looks for it.
"""

from collections.abc import Sequence

from streamproc.customer.messages.record import Message
from streamproc.customer.messages.row import Row, message_of, row_of
from streamproc.customer.section import Section

MAX_MESSAGES = 40


class Messages(Section[Message]):
    """Messages, each once."""

    __slots__ = ()

    @staticmethod
    def _rows_of(records: tuple[Message, ...]) -> Sequence[Row]:
        return list(map(row_of, records))

    @staticmethod
    def _records_of(rows: Sequence[Row]) -> tuple[Message, ...]:
        return tuple(map(message_of, rows))


NO_MESSAGES = Messages()


def find(messages: Messages, digest: int) -> Message | None:
    """The record of a message; the newest are looked at first."""
    for row in reversed(messages.rows):
        if row[0] == digest:
            return message_of(row)
    return None


def is_known(messages: Messages, digest: int) -> bool:
    """Whether there is a record of the message."""
    return digest in [row[0] for row in messages.rows]


def with_message(messages: Messages, message: Message) -> tuple[Messages, tuple[Message, ...]]:
    """The messages with one put in or replaced, and those that give way to it."""
    others = [row for row in messages.rows if row[0] != message.digest]
    excess = max(0, len(others) + 1 - MAX_MESSAGES)
    return Messages([*others[excess:], row_of(message)]), tuple(map(message_of, others[:excess]))
