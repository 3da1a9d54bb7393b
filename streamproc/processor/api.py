"""The seam between the runtime and the stages: what a stage does with the records of one partition.

A processor never awaits, reads no clock and sends nothing itself: it changes keyed states and emits records. The
runtime decides when both become visible, together with the source offset, in one transaction.

Against work that keeps everything else waiting: a processor does not do a run in one piece. It goes on only as it is
asked for the next step, and says again and again where it could be left (`Resumable`), also within a record that takes
long. How much is done at once is the runtime's business; what comes out does not depend on it.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from streamproc.value import value

S = TypeVar("S")


class Record(Protocol):
    """A record as it was read (aiokafka's `ConsumerRecord` fits)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)  # not frozen: `Record` promises attributes
class InputRecord:
    """A record that no consumer of Kafka made."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


Headers = tuple[tuple[str, bytes], ...]


@value
class OutputRecord:
    """A record to be written; `partition` None means the partition with the source's own number."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: Headers = ()


@value
class Resumable:
    """Said by a processor: here the work may be left, and taken up again by whoever knows what was put until now.

    What was put and emitted until now is everything that the records below `offset` give, and as much of what the one
    at `offset` gives as is done already. Committed together with `offset`, it is neither lost nor done again: the
    processor that gets the record at `offset` then, sees in the states how much of it is left.
    """

    offset: int


Step = OutputRecord | Resumable
"""What a processor does with records, in small pieces: something to be written, or a place where it may be left."""


def outputs_of(steps: Iterable[Step]) -> Iterator[OutputRecord]:
    """What is to be written, for those who do not leave off on the way."""
    return (step for step in steps if isinstance(step, OutputRecord))


class States(Protocol, Generic[S]):
    """The keyed states of one partition: what was put is what is read, from memory, the local store or not at all."""

    def get(self, key: bytes) -> S | None:
        """The state of a key, or None."""
        ...

    def put(self, key: bytes, state: S | None) -> None:
        """Replace the state of a key; None removes it. The caller must not change `state` afterwards."""
        ...

    def raw_items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys with their encoded states as of the last checkpoint; only to be used in `Processor.open`."""
        ...


@dataclass(frozen=True, slots=True)
class PartitionContext(Generic[S]):
    """What a processor is given when its partition is taken over.

    Attributes:
        topic, partition: the source partition (the topic without the cluster's prefix).
        topic_id: the topic's id in this cluster, hex; a recreated topic has another one.
        states: its keyed states.
        partitions: the number of partitions of each topic of the stage.
    """

    topic: str
    partition: int
    topic_id: str
    states: States[S]
    partitions: Mapping[str, int]


class AppliedTwiceError(RuntimeError):
    """A record stands at or below the last one that its state holds: offsets were reset, or the log was replaced."""


class Processor(Protocol):
    """What a stage does with one partition."""

    def open(self) -> Iterable[None]:
        """Called once, after the states were recovered and before the first record: rebuild what is derived.

        Goes on as it is asked for the next of its many small steps.
        """
        ...

    def process(self, records: Sequence[Record]) -> Iterable[Step]:
        """Fold consecutive records of the partition into the states: what is to be written, in order.

        Goes on as it is asked for the next step. At the end all records are done, as after a `Resumable` behind the
        last one. Between two `Resumable` it may take some ten milliseconds.
        """
        ...


@runtime_checkable
class Observed(Processor, Protocol):
    """A processor that wants to know what of it is committed: records are processed while a transaction is under way.

    So a processor that tells others how far it is, remembers it in `cut` and makes it known in `committed`.
    """

    def cut(self) -> None:
        """A transaction begins; it will hold everything that was processed until now."""
        ...

    def committed(self) -> None:
        """The transaction of the last `cut` is committed: everybody can read what it holds."""
        ...


@dataclass(frozen=True)
class Codec(Generic[S]):
    """How states become bytes and back."""

    encode: Callable[[S], bytes]
    decode: Callable[[bytes], S]


class Dropped(Protocol):
    """What stands in the place of states that are dropped, where others would take what comes then for old."""

    def __call__(self, keys: Iterable[bytes], *, until: int, now_ms: int) -> Iterable[tuple[bytes, Any]]:
        """Of their keys, the end of the source partition, and the time (epoch ms)."""
        ...


@dataclass(frozen=True)
class Source:
    """One kind of source topic of a stage, its changelog if it has states, and how its partitions are processed.

    `detach` makes of a key and its state those that no longer speak of the topic's offsets; needed when states are kept
    that were made from a topic which was deleted and made anew.
    `dropped`: what stands in the place of dropped states; its partitions are dropped together.
    `takes_unreadable`: whether processors are given what cannot be read (`Unreadable`); else it ends the worker.
    """

    topics: tuple[str, ...]
    make: Callable[[PartitionContext[Any]], Processor]
    changelog: str | None = None
    codec: Codec[Any] | None = None
    detach: Callable[[bytes, Any], tuple[bytes, Any]] | None = None
    dropped: Dropped | None = None
    takes_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class OwnedSource:
    """A source partition that this worker owns and that is recovered and at work.

    Attributes:
        topic, partition: the source partition (the topic without the cluster's prefix).
        committed: everything below this offset is committed; at first where the worker began. Transaction markers at
            the end count as committed, so it is the end offset of the partition when nothing is left to do.
        processor: its processor.
    """

    topic: str
    partition: int
    committed: int
    processor: Processor


class WorkerView(Protocol):
    """What a companion sees of its worker."""

    @property
    def client(self) -> Mapping[str, Any]:
        """The connection arguments of aiokafka."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether the worker is about to stop."""
        ...

    def owned(self) -> Sequence[OwnedSource]:
        """The source partitions that are this worker's and at work, as of now."""
        ...


Companion = Callable[[WorkerView], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """A stage: its name (and consumer group), what it reads and what it may write.

    `co_partitioned` are the outputs that get records in the partition with the source's own number.
    `plan` is the version of the configuration that it works by.
    `companion` is what a stage does besides partitions: started with the worker, cancelled when it stops; if it ends
    with an error, the worker ends.
    """

    name: str
    sources: tuple[Source, ...]
    outputs: tuple[str, ...] = field(default=())
    co_partitioned: tuple[str, ...] = field(default=())
    companion: Companion | None = None
    plan: str = ""
