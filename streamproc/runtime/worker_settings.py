"""What a worker is to know: pure values, read by nobody here from files or the environment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from streamproc.folder_lock import FolderLock
from streamproc.runtime.deadlines import RELEASE_SECONDS
from streamproc.runtime.telemetry.observer import Observer, Silent

TopicCheck = Callable[[Sequence[str]], Awaitable[Sequence[object]]]
"""Is given topics without prefix and returns what is wrong with them, printable, with the remedy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a worker holds at once, so that its memory does not depend on how many partitions it has.

    Attributes:
        batch_records, batch_bytes: the longest run of records that a processor is given at once.
        fetch_records, fetch_bytes: how much one fetch may bring; the bytes are per partition.
        queued_records, queued_bytes: read and not yet processed, of the whole worker; a partition that has more than
            its share is not fetched.
        pending_records, pending_bytes: changed states and outputs, of the whole worker; a partition that has more than
            its share takes a checkpoint at once.
        cached_states, cached_bytes: decoded states kept in memory, by number and encoded size, of the whole worker.
            Decoded ones take about five times as much, and two generations are kept.
        producer_batch_bytes: the biggest record batch; at most the topics' `max.message.bytes`.
        store_cache_bytes, store_write_bytes: RocksDB's block cache and write buffers, of the whole worker.
        recoveries: how many partitions recover at the same time, of the whole worker.
        free_disk_bytes: with less space for the local stores, the worker ends.
    """

    batch_records: int = 1_000
    batch_bytes: int = 1 << 20
    fetch_records: int = 4_000
    fetch_bytes: int = 1 << 20
    queued_records: int = 32_000
    queued_bytes: int = 64 << 20
    pending_records: int = 80_000
    pending_bytes: int = 64 << 20
    cached_states: int = 80_000
    cached_bytes: int = 32 << 20
    producer_batch_bytes: int = 256 << 10
    store_cache_bytes: int = 64 << 20
    store_write_bytes: int = 64 << 20
    recoveries: int = 8
    free_disk_bytes: int = 512 << 20

    def share(self, partitions: int) -> "Limits":
        """What one of so many source partitions may hold; never less than it needs to get on."""
        return replace(
            self,
            queued_records=max(self.batch_records, self.queued_records // partitions),
            queued_bytes=max(self.batch_bytes, self.queued_bytes // partitions),
            pending_records=max(self.batch_records, self.pending_records // partitions),
            pending_bytes=max(self.batch_bytes, self.pending_bytes // partitions),
            cached_states=self.cached_states // partitions,
            cached_bytes=self.cached_bytes // partitions,
        )


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for what, in seconds.

    Attributes:
        connect_seconds: for Kafka at the start.
        revoke_seconds: for a last checkpoint when partitions are given back; then it is dropped.
        watch_seconds: between two looks at the topics' ids and partition counts, and at the disk.
        stale_copy_seconds: a local copy that is older, and behind, is rebuilt; less than the changelog's
            `delete.retention.ms`, since deletions that happened meanwhile may be gone from it.
        pause_ratio: how much of the session the process may stand still before it ends itself.
    """

    connect_seconds: float = 60.0
    revoke_seconds: float = RELEASE_SECONDS
    watch_seconds: float = 10.0
    stale_copy_seconds: float = 6 * 86400.0
    pause_ratio: float = 0.4


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Everything that a worker needs besides its stage.

    Attributes:
        client: aiokafka's connection arguments: `bootstrap_servers`, and those of TLS and SASL.
        data_dir: where local stores live; may be lost, then they are rebuilt from the changelogs.
        prefix: what this cluster's names begin with: topics, consumer groups, transactional ids.
        checkpoint_seconds: between two transactions of a partition; 0.1 is the useful lower bound.
        session_seconds: after which Kafka gives the partitions of a silent worker to others.
        store: `memory` keeps no local copy: each take-over reads the whole changelog.
        member_id: a fixed name in the group: a restart within the session moves no partitions.
        check: looks at the stage's topics before work starts.
    """

    client: Mapping[str, Any]
    data_dir: Path
    prefix: str = ""
    checkpoint_seconds: float = 0.2
    session_seconds: float = 20.0
    store: Literal["rocksdb", "memory"] = "rocksdb"
    member_id: str | None = None
    limits: Limits = Limits()
    timeouts: Timeouts = Timeouts()
    check: TopicCheck | None = None
    observer: Observer = field(default_factory=Silent)

    def group(self, stage: str) -> str:
        """The consumer group of a stage, which is also what its transactional ids begin with."""
        return f"{self.prefix}streamproc-{stage}"

    def folder_lock(self, stage: str) -> FolderLock:
        """Who has it may work with the stage's local copies."""
        return FolderLock(self.data_dir / self.group(stage))
