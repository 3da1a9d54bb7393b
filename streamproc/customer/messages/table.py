"""The records of a customer's last messages, bounded, the one of which something was told last at the end.

A state is read and written for nearly every event, and few events are of a message, each of one. So the records stay in
the rows in which they are encoded, and one is read when somebody looks for it.
"""

from collections.abc import Iterator, Sequence

from streamproc.customer.messages.record import Message
from streamproc.customer.messages.row import Row, message_of, row_of

MAX_MESSAGES = 40


class Messages:
    """Messages, each once. Never changed: `with_message` makes new ones.

    Attributes:
        rows: the encoded form.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[Message]:
        return map(message_of, self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Messages) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Messages{tuple(self)!r}"


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
