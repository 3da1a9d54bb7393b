"""Whatever the product writes is compressed."""

import asyncio
from pathlib import Path

from streamproc.runtime.batches.frames import CODEC_BITS, header_of
from streamproc.runtime.batches.unpacking import ZSTD
from streamproc.runtime.client.producing import make_producer

PRODUCT = Path(__file__).parents[3] / "streamproc"


def test_batches_are_packed_with_zstd() -> None:
    async def packed() -> bytes:
        producer = make_producer({})
        batch = producer.create_batch()
        for number in range(100):
            batch.append(key=None, value=b'{"customer": "one of many", "number": %d}' % number, timestamp=0)
        batch.close()
        await producer.stop()
        return bytes(batch._build())

    written = asyncio.run(packed())
    assert header_of(memoryview(written)).attributes & CODEC_BITS == ZSTD
    assert len(written) < 100 * 40 / 3


def test_no_producer_is_made_elsewhere() -> None:
    making = [path.stem for path in PRODUCT.rglob("*.py") if "AIOKafkaProducer(" in path.read_text()]
    assert making == ["producing"]
