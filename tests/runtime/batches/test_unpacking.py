"""The bound of unpacking holds for every codec, and what is broken says so."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproc.runtime.batches.unpacking import Unpacker, UnpackError
from tests.runtime.batches.encoding import CODECS, packed

BOUND = 64 << 10
UNPACKER = Unpacker(BOUND)
COMPRESSED = [codec for codec in CODECS if codec != "none"]


@pytest.mark.parametrize("codec", COMPRESSED)
@pytest.mark.parametrize("size", [1, BOUND - 1, BOUND])
def test_up_to_the_bound_everything_is_unpacked(codec: str, size: int) -> None:
    assert UNPACKER.unpack(CODECS[codec], packed(codec, b"x" * size)) == b"x" * size


@pytest.mark.parametrize("codec", COMPRESSED)
@pytest.mark.parametrize("size", [BOUND + 1, 100 * BOUND])
def test_beyond_the_bound_it_is_refused(codec: str, size: int) -> None:
    with pytest.raises(UnpackError, match=f"more than {BOUND} bytes when unpacked"):
        UNPACKER.unpack(CODECS[codec], packed(codec, b"x" * size))


@given(st.sampled_from(COMPRESSED), st.binary(max_size=300))
def test_any_bytes_are_unpacked_or_refused(codec: str, content: bytes) -> None:
    for data in (content, packed(codec, b"good")[:6] + content):
        with suppress(UnpackError):
            assert len(UNPACKER.unpack(CODECS[codec], data)) <= BOUND
