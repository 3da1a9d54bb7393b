"""Whatever stands in a topic: each offset comes once and in order, as a record or as what cannot be read."""

import struct
from collections.abc import Sequence

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.batches.care import Care
from streamproc.runtime.batches.salvage import MAX_RECORD_HEADERS
from tests.runtime.batches.encoding import CODECS, Row, batch, body, message, packed, piece, sealed, varint
from tests.runtime.batches.log import BOUND, Log, Stored, broken, offsets

ROWS = [Row(b"first", headers=[(b"trace", b"7"), (b"none", None)]), Row(None, None, delta_ms=5), Row(b"third")]
GOOD = [Row(b"before")], [Row(b"behind")]
lengths = st.sampled_from([-(2**31), -13, -12, -2, -1, 0, 1, 2**31 - 1]) | st.integers(-40, 40)


def between(content: bytes, records: int = 3) -> Log:
    """A log of one good record, what is to be read, and another good record."""
    return Log([Stored(batch(GOOD[0]), 0), Stored(content, records), Stored(batch(GOOD[1], records + 1), records + 1)])


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_is_read(codec: str) -> None:
    found = between(batch(ROWS, 1, codec)).read()
    assert [each.value for each in found] == [b"before", b"first", None, b"third", b"behind"]
    assert found[1].headers == (("trace", b"7"), ("none", None))
    assert [each.timestamp - found[0].timestamp for each in found] == [0, 0, 5, 0, 0]


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_a_header_whose_name_is_no_text_makes_one_record_unreadable(codec: str) -> None:
    rows = [Row(b"one"), Row(b"two", headers=[(b"\xff\xfe", b"x")]), Row(b"three")]
    found = between(batch(rows, 1, codec)).read()
    (bad,) = broken(found)
    assert offsets(found) == [0, 1, 2, 3, 4]
    assert (bad.offset, bad.key, bad.value, bad.reason) == (2, b"key", b"two", "the name of a header is no UTF-8")
    assert bad.headers == (("\\xff\\xfe", b"x"),)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"\0\0" + varint(1) + varint(99) + b"short", "a length is not possible"),
        (b"\0\0" + varint(1) + varint(-7) + b"short", "a length is not possible"),
        (body(Row(), 1)[:-1] + varint(-1), "-1 headers"),
        (body(Row(), 1)[:-1] + varint(2), "a number does not end"),
        (body(Row(), 1)[:-1] + varint(1 << 40), f"{1 << 40} headers"),
        (body(Row(), 1) + b"more", "4 bytes behind its headers"),
        (body(Row(), 40), "its offset is out of order"),
        (body(Row(), 0), "its offset is out of order"),
        (b"\0" + b"\xff" * 12, "a number does not end"),
        (b"", "a number does not end"),
        (b"\0\0" + varint(1) + varint(2**63 - 1) + b"huge", "a length is not possible"),
    ],
)
@pytest.mark.parametrize("codec", ["none", "lz4"])
def test_a_broken_record_leaves_its_neighbours_whole(record: bytes, reason: str, codec: str) -> None:
    content = piece(body(Row(b"one"), 0)) + piece(record) + piece(body(Row(b"three"), 2))
    found = between(sealed(packed(codec, content), 3, 1, CODECS[codec])).read()
    (bad,) = broken(found)
    assert offsets(found) == [0, 1, 2, 3, 4]
    assert [each.value for each in found if each is not bad] == [b"before", b"one", b"three", b"behind"]
    assert (bad.offset, bad.value, bad.reason) == (2, record, reason)


def test_behind_a_record_without_a_possible_length_nothing_of_the_batch_can_be_read() -> None:
    content = piece(body(Row(b"one"), 0)) + varint(-5) + b"rest"
    found = between(sealed(content, 3, 1)).read()
    (bad,) = broken(found)
    assert (bad.first_offset, bad.offset, bad.value) == (2, 3, varint(-5) + b"rest")
    assert [each.value for each in found if each is not bad] == [b"before", b"one", b"behind"]


def test_records_that_are_announced_and_not_there_are_told() -> None:
    found = between(sealed(piece(body(Row(b"one"), 0)), 3, 1)).read()
    (bad,) = broken(found)
    assert (bad.first_offset, bad.offset, bad.reason) == (2, 3, "3 records are announced, 1 are there")


def test_more_records_than_offsets_do_no_harm() -> None:
    content = b"".join(piece(body(Row(b"x"), index)) for index in range(5))
    assert offsets(between(sealed(content, 3, 1)).read()) == [0, 1, 2, 3, 4]


def test_a_compacted_batch_is_whole() -> None:
    rest = struct.pack(">hiqqqhii", 0, 2, 1, 1, -1, -1, -1, 1) + piece(body(Row(b"left"), 1))
    found = between(sealed_rest(rest, 1)).read()
    assert [(each.offset, each.value) for each in found] == [(0, b"before"), (2, b"left"), (4, b"behind")]


def sealed_rest(rest: bytes, base: int) -> bytes:
    from aiokafka.record.util import calc_crc32c

    return struct.pack(">qiibI", base, len(rest) + 9, 0, 2, calc_crc32c(rest)) + rest


@pytest.mark.parametrize("codec", ["gzip", "snappy", "snappy-java", "lz4", "zstd"])
def test_compressed_data_that_is_broken_is_one_letter_for_the_whole_batch(codec: str) -> None:
    content = packed(codec, piece(body(Row(b"x" * 500), 0)))
    for spoilt in (content[:-12], b"garbage" * 9, b"", content[:12] + b"\xff" * 40):
        whole = sealed(spoilt, 3, 1, CODECS[codec])
        found = between(whole).read()
        (bad,) = broken(found)
        assert (bad.first_offset, bad.offset, bad.value) == (1, 3, whole)
        assert [each.value for each in found if each is not bad] == [b"before", b"behind"]


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_a_codec_that_nobody_knows_is_told(codec: int) -> None:
    (bad,) = broken(between(sealed(b"?", 3, 1, codec)).read())
    assert bad.reason == f"unknown codec {codec}"


@pytest.mark.parametrize("codec", ["gzip", "snappy", "snappy-java", "lz4", "zstd"])
def test_a_batch_that_is_huge_when_unpacked_is_not_unpacked(codec: str) -> None:
    found = between(batch([Row(bytes(3 * BOUND))], 1, codec), 1).read()
    (bad,) = broken(found)
    assert bad.reason == f"more than {BOUND} bytes when unpacked"
    assert [each.value for each in found if each is not bad] == [b"before", b"behind"]


def test_many_batches_that_grow_are_unpacked_in_several_calls() -> None:
    count, row = 20, Row(bytes(BOUND // 2))
    log = Log([Stored(batch([row], index, "zstd"), index) for index in range(count)])
    assert offsets(log.read()) == list(range(count))
    assert log.calls >= count // 3


def test_a_record_of_nothing_but_headers_does_not_grow_to_gigabytes() -> None:
    count = 600_000
    content = piece(body(Row(), 0)[:-1] + varint(count) + bytes(2 * count))
    (found,) = Log([Stored(sealed(packed("zstd", content), 1, 0, 4), 0)], Care(2 << 20)).read()
    assert found.reason == f"{count} headers"
    assert count > MAX_RECORD_HEADERS


def test_many_records_of_nothing_but_headers_are_taken_in_several_calls() -> None:
    log = Log([Stored(batch([Row(headers=[(b"", b"")] * 100)] * 100, codec="zstd"), 99)], Care(BOUND, max_headers=1000))
    assert offsets(log.read()) == list(range(100))
    assert log.calls > 5


def test_a_wrong_checksum_is_asked_for_once_more_and_then_told() -> None:
    whole = bytearray(batch(ROWS, 1))
    whole[-1] ^= 1
    log = between(bytes(whole))
    found = log.read()
    assert log.calls == 2
    assert [(bad.first_offset, bad.offset, bad.reason) for bad in broken(found)] == [(1, 3, "the checksum is wrong")]
    assert offsets(found) == [0, 1, 2, 3, 4]


def test_what_was_broken_only_on_its_way_is_read() -> None:
    whole = bytearray(batch(ROWS, 1))
    whole[-1] ^= 1
    log = between(bytes(whole))
    first = list(log.reading(0))
    log.batches = between(batch(ROWS, 1)).batches
    assert [each.value for each in first + log.read(1)] == [b"before", b"first", None, b"third", b"behind"]


def test_a_reading_that_begins_in_the_middle_of_a_batch_gets_the_rest_of_it() -> None:
    rows = [Row(b"one", headers=[(b"\xff", b"")]), Row(b"two"), Row(b"three", headers=[(b"\xff", b"")])]
    for codec in CODECS:
        assert offsets(between(batch(rows, 1, codec)).read(2)) == [2, 3, 4]


def test_aborted_transactions_are_skipped_and_what_comes_behind_their_end_is_not() -> None:
    def of_producer(value: bytes, base: int, attributes: int) -> Stored:
        content = piece(body(Row(value), 0))
        rest = struct.pack(">hiqqqhii", attributes, 0, 1, 1, 77, 0, 0, 1) + content
        return Stored(sealed_rest(rest, base), base)

    aborted, ended, committed = of_producer(b"no", 0, 0x10), of_producer(b"!", 1, 0x30), of_producer(b"yes", 2, 0x10)
    found = Log([aborted, ended, committed]).read(aborted=[(77, 0)])
    assert [each.value for each in found] == [b"yes"]


@pytest.mark.parametrize("magic", [0, 1])
def test_old_formats_are_read_beside_the_new_one(magic: int) -> None:
    inner = b"".join(message(b"inner", index if magic else index + 1, magic) for index in range(3))
    for codec in ("none", "gzip", "snappy-java"):
        old = message(inner, 3, magic, codec) if codec != "none" else message(b"inner", 1, magic)
        found = between(old, 3 if codec != "none" else 1).read()
        assert {each.value for each in found} == {b"before", b"inner", b"behind"}
        assert offsets(found) == list(range(len(found)))


@pytest.mark.parametrize("magic", [0, 1])
def test_an_old_message_that_cannot_be_unpacked_is_told(magic: int) -> None:
    for bad in (message(b"x", 1, magic, "gzip"), message(None, 1, magic, "gzip")):
        spoilt = bytearray(bad)
        (found,) = broken(between(bytes(spoilt), 1).read())
        assert found.offset == 1
    (huge,) = broken(between(message(bytes(2 * BOUND), 1, magic, "gzip"), 1).read())
    assert huge.reason == f"more than {BOUND} bytes when unpacked"


@pytest.mark.parametrize("magic", [0, 1])
@given(st.data())
def test_whatever_a_compressed_old_message_holds_is_read_or_told(magic: int, data: st.DataObject) -> None:
    """aiokafka would read beyond the end, and crash, or go in a circle for ever."""
    inner = bytearray(b"".join(message(b"inner", index, magic) for index in range(data.draw(st.integers(0, 3)))))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, max(0, len(inner) - 4)))
        inner[place : place + 4] = struct.pack(">i", data.draw(lengths))
    del inner[data.draw(st.integers(0, len(inner))) :]
    found = between(message(bytes(inner), 3, magic, "gzip"), 3).read()
    assert found[0].value == b"before"
    assert found[-1].value == b"behind"


def test_a_format_that_does_not_exist_is_told() -> None:
    whole = bytearray(batch(ROWS, 1))
    whole[16] = 9
    found = between(bytes(whole)).read()
    assert offsets(found) == [0, 1, 2, 3, 4]
    assert broken(found)[0].reason == "not a batch of a known format (9)"


def test_a_record_without_a_time_has_the_time_that_kafka_writes_for_none() -> None:
    assert [each.timestamp for each in Log([Stored(batch([Row()], time_ms=-1), 0)]).read()] == [-1]


rows = st.lists(
    st.builds(
        Row,
        st.none() | st.binary(max_size=40),
        st.none() | st.binary(max_size=8),
        st.lists(st.tuples(st.sampled_from([b"a", "ü".encode()]), st.none() | st.binary(max_size=4)), max_size=3),
    ),
    min_size=1,
    max_size=6,
)
codecs = st.sampled_from(list(CODECS))


@given(st.lists(st.tuples(rows, codecs), min_size=1, max_size=4))
def test_what_was_written_is_what_is_read(written: Sequence[tuple[Sequence[Row], str]]) -> None:
    batches, base = [], 0
    for several, codec in written:
        batches.append(Stored(batch(several, base, codec), base + len(several) - 1))
        base += len(several)
    found = Log(batches).read()
    assert [(each.key, each.value) for each in found] == [
        (row.key, row.value) for several, _ in written for row in several
    ]


@given(rows, codecs, st.data())
def test_whatever_happens_to_a_batch_reading_goes_on_and_its_neighbours_are_read(
    several: Sequence[Row], codec: str, data: st.DataObject
) -> None:
    """Behind the checksum, as on a bad disk: any byte but those of the offset, which only the broker can know."""
    whole = bytearray(batch(several, 1, codec))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(8, len(whole) - 1))
        whole[at] ^= 1 << data.draw(st.integers(0, 7))
    found = between(bytes(whole), len(several)).read()
    assert offsets(found) == sorted(set(offsets(found)))
    assert found[0].value == b"before"
    assert found[-1].value == b"behind"
    assert set(offsets(found)) == set(range(len(several) + 2))


@given(rows, codecs, st.data())
def test_whatever_a_producer_packs_into_a_batch_reading_goes_on_and_its_neighbours_are_read(
    several: Sequence[Row], codec: str, data: st.DataObject
) -> None:
    """With a right checksum: bits flipped or bytes cut off, before or after they were compressed."""
    content = bytearray(b"".join(piece(body(row, index)) for index, row in enumerate(several)))
    is_before = data.draw(st.booleans())
    spoilt = content if is_before else bytearray(packed(codec, bytes(content)))
    for _ in range(data.draw(st.integers(0, 3))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    spoilt = spoilt[: data.draw(st.integers(0, len(spoilt)))]
    inside = packed(codec, bytes(spoilt)) if is_before else bytes(spoilt)
    attributes = CODECS[codec] | data.draw(st.sampled_from([0, 0x08, 0x40, 0x80]))
    found = between(sealed(inside, len(several), 1, attributes), len(several)).read()
    assert offsets(found) == list(range(len(several) + 2))
    assert (found[0].value, found[-1].value) == (b"before", b"behind")


def test_what_aiokafka_itself_writes_is_read() -> None:
    new = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    old = LegacyRecordBatchBuilder(1, 0, 1 << 20)
    new.append(0, 1, b"k", b"new", [])
    old.append(1, 1, b"k", b"old")
    found = Log([Stored(bytes(new.build()), 0), Stored(bytes(old.build()), 1)]).read()
    assert [each.value for each in found] == [b"new", b"old"]
