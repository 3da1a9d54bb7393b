"""What bad messages cost the good ones: collect's cleaning of a stream with and without a tenth of bad input."""

from dataclasses import dataclass

from benchmarks.result import Result as Report
from benchmarks.result import Table
from benchmarks.timing import microseconds
from streamproc.collect.clean import clean
from streamproc.collect.raw_topic import RawTopic
from streamproc.collect.settings import CollectSettings

GOOD = (
    b'{"event_id":"e%d","type":"product_viewed","occurred_at":"2026-01-01T00:00:00Z","customer_id":"c%d",'
    b'"sku":"mug","category":"kitchen","price":5000000,"currency":"GBP","url":"https://shop.example/p/mug"}'
)
BAD = (
    b"", b"not json", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[]", b'"x"', b"123", b'{"a":NaN}', b'{"a":1e999}',
    b'{"a":1,"a":2}', b"[" * 3000, b'{"type":"page_viewed"}', b'{"type":"nothing"}', GOOD.replace(b"5000000", b"-1"),
    GOOD.replace(b"2026", b"1970"), GOOD.replace(b"2026", b"2100"), GOOD.replace(b'"customer_id":"c%d",', b""),
    GOOD.replace(b'"mug"', b"7"), b'{"pad":"' + b"x" * 900_000 + b'"}', GOOD.replace(b'"e%d"', b"null"),
)  # fmt: skip
CLICKS = RawTopic("shop.clickstream.v1", frozenset({"clickstream"}))
RECEIVED_MS = 1_767_225_600_000


@dataclass(frozen=True)
class Result:
    """CPU microseconds per good event without and with bad messages among them, and the ratio."""

    good_only_us: float
    good_with_bad_us: float
    bad_us: float
    slowdown: float


def measure() -> Report:
    """The benchmark `dead_letters`."""
    found = run()
    return Report(
        "dead_letters",
        "collect's cleaning of 20,000 good messages, alone and with a bad one after every ninth",
        {},
        [Table("CPU", ("what", "value"), list(vars(found).items()))],
    )


def run(count: int = 20_000) -> Result:
    """`count` good messages; then the same with one bad message after every ninth, whose own cost is taken off."""
    settings = CollectSettings()
    good = [GOOD.replace(b"%d", str(i).encode()) for i in range(count)]
    bad = [BAD[i % len(BAD)] for i in range(count // 9)]
    mixed = [message for i, message in enumerate(good) for message in _with_bad(message, i, bad)]

    def work(messages: list[bytes]) -> None:
        for message in messages:
            clean(CLICKS.read(message, ())[0], RECEIVED_MS, settings, CLICKS)

    alone = microseconds(lambda: work(good), count)
    bad_alone = microseconds(lambda: work(bad), len(bad))
    together = microseconds(lambda: work(mixed), count)
    remaining = together - bad_alone * len(bad) / count
    return Result(alone, round(remaining, 2), bad_alone, round(remaining / alone, 3))


def _with_bad(message: bytes, index: int, bad: list[bytes]) -> list[bytes]:
    return [message, bad[index // 9]] if index % 9 == 8 and index // 9 < len(bad) else [message]
