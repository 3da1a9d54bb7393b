"""The records of a customer's last messages, bounded, the one of which something was told last at the end."""

from collections import Counter

from streamproc.customer.messages.record import Message, Told

MAX_MESSAGES = 40

Messages = tuple[Message, ...]


def find(messages: Messages, digest: int) -> Message | None:
    """The record of a message; the newest are looked at first."""
    return next((message for message in reversed(messages) if message.digest == digest), None)


def with_message(messages: Messages, message: Message) -> tuple[Messages, Messages]:
    """The messages with one put in or replaced, and those that give way to it."""
    others = [known for known in messages if known.digest != message.digest]
    return (*others, message)[-MAX_MESSAGES:], tuple(others[: max(0, len(others) + 1 - MAX_MESSAGES)])


def joined(message: Message, other: Message) -> Message:
    """The record of a message of which two were kept; what both were told is told once."""
    told: Counter[Told] = Counter(message.told) | Counter(other.told)
    return Message(message.digest, tuple(sorted(told.elements())), message.gone | other.gone)
