"""One source partition of a stage in memory: driven as the live worker drives it, without Kafka."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from streamproc.processor.api import Codec, InputRecord, OutputRecord, PartitionContext, Source, outputs_of

S = TypeVar("S")


class ReplayedStates(Generic[S]):
    """Keyed states in memory; those that a replay begins with are decoded when they are first asked for."""

    def __init__(self, codec: Codec[S] | None, encoded: Mapping[bytes, bytes]) -> None:
        self._codec = codec
        self._begun_with = encoded
        self._held: dict[bytes, S | None] = {}

    def get(self, key: bytes) -> S | None:
        """The state of a key, or None."""
        if key in self._held:
            return self._held[key]
        encoded = self._begun_with.get(key)
        if encoded is None or self._codec is None:
            return None
        state = self._held[key] = self._codec.decode(encoded)
        return state

    def put(self, key: bytes, state: S | None) -> None:
        """Replace the state of a key; None removes it."""
        self._held[key] = state

    def raw_items(self) -> Iterator[tuple[bytes, bytes]]:
        """What the replay begins with."""
        return iter(self._begun_with.items())

    def encoded(self) -> dict[bytes, bytes]:
        """All states as bytes, as a changelog would hold them."""
        if self._codec is None:
            return {}
        held = {key: self._codec.encode(state) for key, state in self._held.items() if state is not None}
        return {key: value for key, value in self._begun_with.items() if key not in self._held} | held


@dataclass(frozen=True, slots=True)
class Place:
    """Which partition of which topic, and the topic's id."""

    topic: str
    partition: int
    topic_id: str = "replay"


class ReplayedPartition:
    """A source partition of a stage, from its first record to its states at the end.

    Args:
        source: what the stage does with it.
        place: which partition it is.
        partitions: how many partitions each topic of the stage has.
        encoded: the states it begins with.
    """

    def __init__(
        self, source: Source, place: Place, partitions: Mapping[str, int], encoded: Mapping[bytes, bytes] | None = None
    ) -> None:
        self.place = place
        self.changelog = source.changelog
        self._next_offset = 0
        self._states: ReplayedStates[Any] = ReplayedStates(source.codec, encoded or {})
        context = PartitionContext(place.topic, place.partition, place.topic_id, self._states, partitions)
        self._processor = source.make(context)
        deque(self._processor.open(), 0)

    def process(self, records: Sequence[InputRecord]) -> list[OutputRecord]:
        """What a run of records gives, each with the partition that it goes to."""
        own = self.place.partition
        return [
            each if each.partition is not None else OutputRecord(each.topic, each.key, each.value, own, each.headers)
            for each in outputs_of(self._processor.process(records))
        ]

    def pass_on(self, emitted: Iterable[OutputRecord]) -> list[OutputRecord]:
        """What comes of those that another stage wrote to this partition."""
        reads = [self._read(each) for each in emitted if each.topic == self.place.topic]
        return self.process(reads) if reads else []

    def states(self) -> dict[bytes, bytes]:
        """The states as they are now, as bytes."""
        return self._states.encoded()

    def _read(self, emitted: OutputRecord) -> InputRecord:
        self._next_offset += 1
        place, offset = self.place, self._next_offset - 1
        return InputRecord(place.topic, place.partition, offset, 0, emitted.key, emitted.value, emitted.headers)
