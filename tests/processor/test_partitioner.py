from aiokafka.partitioner import murmur2 as kafkas_murmur2
from hypothesis import given
from hypothesis import strategies as st

from streamproc.processor.partitioner import murmur2, partition_of


@given(st.binary(max_size=40))
def test_keys_are_hashed_as_kafka_clients_do_it(key: bytes) -> None:
    assert murmur2(key) == kafkas_murmur2(key)


def test_a_key_has_one_partition() -> None:
    assert [partition_of(key, 8) for key in (b"17850", b"anna", b"anna")] == [
        (kafkas_murmur2(key) & 0x7FFFFFFF) % 8 for key in (b"17850", b"anna", b"anna")
    ]
