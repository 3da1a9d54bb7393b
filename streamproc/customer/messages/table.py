"""The records of a customer's last messages, bounded, the one of which something was told last at the end."""

from streamproc.customer.messages.record import Message

MAX_MESSAGES = 40

Messages = tuple[Message, ...]


def find(messages: Messages, digest: int) -> Message | None:
    """The record of a message; the newest are looked at first."""
    return next((message for message in reversed(messages) if message.digest == digest), None)


def with_message(messages: Messages, message: Message) -> tuple[Messages, Messages]:
    """The messages with one put in or replaced, and those that give way to it."""
    others = [known for known in messages if known.digest != message.digest]
    return (*others, message)[-MAX_MESSAGES:], tuple(others[: max(0, len(others) + 1 - MAX_MESSAGES)])
