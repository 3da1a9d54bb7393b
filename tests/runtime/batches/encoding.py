"""Kafka's record batches, written by hand after its documentation: what other clients send, and what none should."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack
from zlib import crc32

import cramjam
from aiokafka.record.util import calc_crc32c

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "snappy-java": 2, "lz4": 3, "zstd": 4}


@dataclass(frozen=True)
class Row:
    """A record; `headers` with names as bytes, so that they can be no text."""

    value: bytes | None = b"value"
    key: bytes | None = b"key"
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    delta_ms: int = 0


def varint(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    number &= (1 << 64) - 1
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def piece(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content


def body(row: Row, offset_delta: int) -> bytes:
    """A record without its length."""
    headers = b"".join(piece(name) + piece(value) for name, value in row.headers)
    start = b"\0" + varint(row.delta_ms) + varint(offset_delta)
    return start + piece(row.key) + piece(row.value) + varint(len(row.headers)) + headers


def packed(codec: str, content: bytes) -> bytes:
    match codec:
        case "gzip":
            return gzip.compress(content)
        case "snappy":
            return bytes(cramjam.snappy.compress_raw(content))
        case "snappy-java":
            blocks = [bytes(cramjam.snappy.compress_raw(content[i : i + 32768])) for i in range(0, len(content), 32768)]
            return b"\x82SNAPPY\0" + pack(">ii", 1, 1) + b"".join(pack(">i", len(b)) + b for b in blocks)
        case "lz4":
            compressor = cramjam.lz4.Compressor(content_checksum=False, block_linked=False)  # Kafka takes no other
            compressor.compress(content)
            return bytes(compressor.finish())
        case "zstd":
            return bytes(cramjam.zstd.compress(content))
        case _:
            return content


def batch(rows: Sequence[Row], base: int = 0, codec: str = "none", *, time_ms: int = 1_790_000_000_000) -> bytes:
    content = b"".join(piece(body(row, index)) for index, row in enumerate(rows))
    return sealed(packed(codec, content), len(rows), base, CODECS[codec], time_ms=time_ms)


def sealed(
    content: bytes, records: int, base: int = 0, attributes: int = 0, *, time_ms: int = 1_790_000_000_000
) -> bytes:
    """A batch around any content, with a right checksum."""
    rest = pack(">hiqqqhii", attributes, records - 1, time_ms, time_ms, -1, -1, -1, records) + content
    return pack(">qiibI", base, len(rest) + 9, 0, 2, calc_crc32c(rest)) + rest


def message(value: bytes | None, offset: int = 0, magic: int = 1, codec: str = "none") -> bytes:
    """A message of an old format; with a codec, `value` is a set of messages."""
    time = pack(">q", 1_790_000_000_000) if magic else b""
    content = None if value is None else packed(codec, value)
    lengthy = pack(">i", -1) if content is None else pack(">i", len(content)) + content
    rest = pack(">bb", magic, CODECS[codec]) + time + pack(">i", -1) + lengthy
    return pack(">qiI", offset, len(rest) + 4, crc32(rest)) + rest
