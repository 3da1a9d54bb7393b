"""A stage for tests: it counts, in a way that notices each event lost, doubled or out of order."""

from collections.abc import Iterable, Sequence

import orjson

from streamproc.processor.api import (
    Codec,
    Companion,
    OutputRecord,
    PartitionContext,
    Record,
    Resumable,
    Source,
    Stage,
    Step,
)

EVERY = 10
KEYLESS = b"(none)"

Count = tuple[int, int]
"""How many events there were, and a hash that depends on their order."""

CODEC: Codec[Count] = Codec(orjson.dumps, lambda raw: tuple(orjson.loads(raw)))


def after(count: Count | None, value: bytes) -> Count:
    number, order = count or (0, 0)
    return number + 1, (order * 31 + int(value)) % 1_000_003


class Counter:
    def __init__(self, output: str, context: PartitionContext[Count]) -> None:
        self._output = output
        self._context = context
        self._processed = self._cut = self.known_committed = 0

    def open(self) -> Iterable[None]:
        for _ in self._context.states.raw_items():
            yield

    def cut(self) -> None:
        self._cut = self._processed

    def committed(self) -> None:
        self.known_committed = self._cut

    def process(self, records: Sequence[Record]) -> Iterable[Step]:
        states = self._context.states
        for record in records:
            key = record.key or KEYLESS
            count = after(states.get(key), record.value or b"0")
            states.put(key, count)
            self._processed += 1
            if count[0] % EVERY == 0:
                cause = f"{self._context.topic}-{record.partition}-{record.offset}"
                value = orjson.dumps({"cause": cause, "count": count})
                yield OutputRecord(self._output, key, value, headers=(("ce_id", cause.encode()),))
            yield Resumable(record.offset + 1)


def counting_source(topic: str, changelog: str, output: str) -> Source:
    return Source((topic,), lambda context: Counter(output, context), changelog, CODEC)


def counting_stage(name: str, sources: Sequence[str], companion: Companion | None = None) -> Stage:
    """Each source topic `<source>` has the changelog `<source>.state` and the output `<source>.tens`."""
    made = tuple(counting_source(source, f"{source}.state", f"{source}.tens") for source in sources)
    return Stage(name, made, tuple(f"{source}.tens" for source in sources), companion=companion)
