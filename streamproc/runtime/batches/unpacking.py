"""Unpacking what producers compressed, within a bound.

Against a batch of some kilobytes that is gigabytes unpacked: the codecs write into a buffer of fixed size, so the bound
holds while unpacking, whatever the batch says of itself.
"""

import mmap
from typing import NoReturn

import cramjam

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)

_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES = 16
_FULL = "failed to write whole buffer"
"""What cramjam says when the buffer is full; `tests/runtime/batches/test_unpacking.py` holds it to that."""


class UnpackError(ValueError):
    """It cannot be unpacked; the message says why in a few words."""


class Unpacker:
    """Unpacks all codecs of Kafka into a buffer that it keeps: of `bound` bytes, touched as far as it is needed."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self._buffer = memoryview(mmap.mmap(-1, bound))

    def unpack(self, codec: int, packed: bytes) -> memoryview:
        """The unpacked bytes, valid until the next call.

        Raises:
            UnpackError: an unknown codec, broken data, or more than `bound` bytes.
        """
        try:
            match codec:
                case 1:
                    size = cramjam.gzip.decompress_into(packed, self._buffer)
                case 2:
                    size = self._unpack_snappy(packed)
                case 3:
                    size = cramjam.lz4.decompress_into(packed, self._buffer)
                case 4:
                    size = cramjam.zstd.decompress_into(packed, self._buffer)
                case _:
                    raise UnpackError(f"unknown codec {codec}")
        except cramjam.DecompressionError as error:
            if _FULL in str(error):
                self._refuse()
            raise UnpackError(f"compressed data is broken: {error}") from error
        return self._buffer[:size]

    def _unpack_snappy(self, packed: bytes) -> int:
        """Both ways: one block, or the Java library's blocks with a header and a length before each."""
        if not packed.startswith(_XERIAL):
            return self._unpack_block(packed, 0)
        size, position = 0, _XERIAL_HEADER_BYTES
        while position < len(packed):
            begin = position + 4
            position = begin + int.from_bytes(packed[position:begin], signed=True)
            if not begin < position <= len(packed):
                raise UnpackError("compressed data is broken: a block of no possible length")
            size += self._unpack_block(packed[begin:position], size)
        return size

    def _unpack_block(self, block: bytes, at: int) -> int:
        if cramjam.snappy.decompress_raw_len(block) > self.bound - at:
            self._refuse()
        return cramjam.snappy.decompress_raw_into(block, self._buffer[at:])

    def _refuse(self) -> NoReturn:
        raise UnpackError(f"more than {self.bound} bytes when unpacked")
