"""Messages of Kafka's formats 0 and 1, which old logs may still have.

Layout: https://kafka.apache.org/documentation/#messageset
"""

from struct import Struct

from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.frames import CODEC_BITS
from streamproc.runtime.batches.unpacking import UnpackError

_LENGTH_AT, _HEAD, _MAGIC, _ATTRIBUTES = 8, 12, 16, 17
_KEY_AT = (18, 26)
"""Format 1 has a time before the key."""

_LENGTH = Struct(">i")


def unpack_message(frame: memoryview, magic: int, care: Care) -> None:
    """Unpack a compressed message, so that whoever unpacks it again knows that it can be done within the bound.

    What is in it is looked at, too: aiokafka reads the lengths there without asking whether they can be, and ends the
    process, or never ends, if they cannot.

    Raises:
        UnpackError: it cannot, it has no content, or the content is no whole messages.
    """
    codec = frame[_ATTRIBUTES] & CODEC_BITS
    if not codec:
        return
    at = _KEY_AT[magic]
    key_bytes = max(0, _length(frame, at))
    at += _LENGTH.size + key_bytes
    value_bytes = _length(frame, at)
    at += _LENGTH.size
    if value_bytes < 0 or at + value_bytes > len(frame):
        raise UnpackError("a compressed message without content")
    _require_messages(memoryview(care.unpack(codec, bytes(frame[at : at + value_bytes]))))


def _require_messages(content: memoryview) -> None:
    """Whether messages, one or more, fill the content, and a key and a value fill each of them."""
    at = 0
    while at < len(content) or not content:
        end = at + _HEAD + _length(content, at + _LENGTH_AT)
        key_at = at + _KEY_AT[at + _MAGIC < len(content) and content[at + _MAGIC] == 1]
        value_at = key_at + _LENGTH.size + max(0, _length(content, key_at))
        if value_at + _LENGTH.size + max(0, _length(content, value_at)) != end or end > len(content):
            raise UnpackError("a compressed message with something else than messages in it")
        at = end


def _length(frame: memoryview, at: int) -> int:
    if at + _LENGTH.size > len(frame):
        raise UnpackError("a message that is shorter than it says")
    length: int = _LENGTH.unpack_from(frame, at)[0]
    return length
