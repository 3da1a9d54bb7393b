"""Messages of Kafka's formats 0 and 1, which old logs may still have.

Layout: https://kafka.apache.org/documentation/#messageset
"""

from struct import Struct

from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.frames import CODEC_BITS
from streamproc.runtime.batches.unpacking import UnpackError

_ATTRIBUTES = 17
_KEY_AT = (18, 26)
"""Format 1 has a time before the key."""

_LENGTH = Struct(">i")


def unpack_message(frame: memoryview, magic: int, care: Care) -> None:
    """Unpack a compressed message, so that whoever unpacks it again knows that it can be done within the bound.

    Raises:
        UnpackError: it cannot, or it has no content.
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
    care.unpack(codec, bytes(frame[at : at + value_bytes]))


def _length(frame: memoryview, at: int) -> int:
    if at + _LENGTH.size > len(frame):
        raise UnpackError("a message that is shorter than it says")
    length: int = _LENGTH.unpack_from(frame, at)[0]
    return length
